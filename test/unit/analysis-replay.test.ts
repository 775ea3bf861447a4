import { describe, expect, test } from 'vitest';
import {
  bareScript,
  type Lock,
  loadParser,
  replay,
  RunningSchema,
  schemaOfCatalogue,
  type StatementAt,
} from '../../lib/analysis/index.ts';
import { readChangelog } from '../../lib/migration/index.ts';
import { corporaPresent, corpusFiles, corpusNames } from '../support/corpora.ts';
import { statementsAt } from '../support/losses.ts';

await loadParser();

const bare = (sql: string, inTransaction = true, schema = new RunningSchema()): StatementAt[] => {
  const found: StatementAt[] = [];
  const findings = replay([bareScript('a.sql', sql, inTransaction)], (at) => found.push(at), schema);
  if (findings[0] !== undefined) throw findings[0];
  return found;
};

const shown = ({ object, mode, duration }: Lock): string => `${object.name}: ${mode}, ${duration}`;
const last = (sql: string, inTransaction = true): StatementAt['facts'] => {
  const facts = bare(sql, inTransaction).at(-1)?.facts;
  if (facts === undefined) throw new Error('no statement');
  return facts;
};
const locksOf = (sql: string, inTransaction = true): string[] => last(sql, inTransaction).locks.map(shown);

test.each([
  ['CREATE INDEX CONCURRENTLY i ON t (a)', ['t: SHARE UPDATE EXCLUSIVE, build']],
  ['DROP INDEX CONCURRENTLY i', ['i: ACCESS EXCLUSIVE, instant']],
  ['REINDEX TABLE CONCURRENTLY t', ['t: SHARE UPDATE EXCLUSIVE, build']],
  ['REINDEX (CONCURRENTLY false) TABLE t', ['t: SHARE, build']],
  ['VACUUM t', ['t: SHARE UPDATE EXCLUSIVE, scan']],
  ['VACUUM (FULL) t', ['t: ACCESS EXCLUSIVE, rewrite']],
  ['VACUUM (FULL false) t', ['t: SHARE UPDATE EXCLUSIVE, scan']],
  [
    'ALTER TABLE p DETACH PARTITION t CONCURRENTLY',
    ['p: SHARE UPDATE EXCLUSIVE, instant', 't: ACCESS EXCLUSIVE, instant'],
  ],
  ['ALTER TABLE t SET TABLESPACE s', ['t: ACCESS EXCLUSIVE, rewrite']],
  ['ALTER TABLE t ADD COLUMN c int NOT NULL', ['t: ACCESS EXCLUSIVE, scan']],
  ['ALTER TABLE t ADD COLUMN c timestamptz DEFAULT now(1)', ['t: ACCESS EXCLUSIVE, rewrite']],
])('what a server test cannot read from one transaction: %s', (sql, locks) => {
  expect(locksOf(sql, false)).toEqual(locks);
});

test.each([
  ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', []],
  ['CREATE TABLE public.t (a int); CREATE INDEX i ON t (a)', []],
  ['CREATE TABLE IF NOT EXISTS t (a int); ALTER TABLE t ADD CHECK (a > 0)', []],
  ['CREATE TABLE n (a int); ALTER TABLE n RENAME TO t; TRUNCATE t', []],
  ['CREATE TABLE n (a int); ALTER TABLE n ADD FOREIGN KEY (a) REFERENCES t', ['t: SHARE ROW EXCLUSIVE, instant']],
  ['CREATE SCHEMA s; CREATE TABLE s.t (); DROP TABLE s.t', []],
  ['CREATE TEMP TABLE t (); CREATE INDEX i ON t (a)', []],
  ['CREATE TABLE t (a int); CREATE INDEX i ON t (a); DROP INDEX i', []],
  ['CREATE TABLE t (a int); SELECT unseen(); CREATE INDEX i ON t (a)', []],
])('nobody waits for what the section made itself: %s', (sql, locks) => {
  expect(locksOf(sql)).toEqual(locks);
  expect(locksOf(sql, false)).toEqual(locks);
});

test('a table of an earlier file is there for all', () => {
  const [, at] = statementsAt('CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)');
  expect(at?.facts.locks.map(shown)).toEqual(['t: SHARE, build']);
});

test.each([
  ['ALTER TABLE t ADD CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT t_a_check', 'instant'],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL AND b > 0); SELECT 1', 'instant'],
  ['ALTER TABLE t ADD CHECK (a IS NOT NULL) NOT VALID; SELECT 1', 'scan'],
  ['ALTER TABLE t ADD CHECK (a IS NOT NULL OR b > 0); SELECT 1', 'scan'],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL); ALTER TABLE t DROP CONSTRAINT c', 'scan'],
  [
    'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL); ALTER TABLE t RENAME a TO z; ALTER TABLE t RENAME b TO a',
    'scan',
  ],
])('SET NOT NULL after %s: %s', (before, duration) => {
  const at = statementsAt('CREATE TABLE t (a int, b int)', before, 'ALTER TABLE t ALTER a SET NOT NULL').at(-1);
  expect(at?.facts.locks.map(shown)).toEqual([`t: ACCESS EXCLUSIVE, ${duration}`]);
});

test('each part of an ALTER TABLE has its own lock and duration, the statement the worst of both', () => {
  const { parts, locks } = last(
    'ALTER TABLE t ALTER a SET STATISTICS 5, ADD CHECK (a > 0), ADD FOREIGN KEY (b) REFERENCES u',
  );
  expect(parts.map(({ kind, mode, duration }) => `${kind}: ${mode}, ${duration}`)).toEqual([
    'SET STATISTICS: SHARE UPDATE EXCLUSIVE, instant',
    'ADD CONSTRAINT: ACCESS EXCLUSIVE, scan',
    'ADD CONSTRAINT: SHARE ROW EXCLUSIVE, scan',
  ]);
  expect(locks.map(shown)).toEqual(['t: ACCESS EXCLUSIVE, scan', 'u: SHARE ROW EXCLUSIVE, instant']);
});

test.each([
  ['CREATE TABLE t ()', true],
  ['CREATE TABLE IF NOT EXISTS t ()', false],
  ['CREATE INDEX ON t (a)', false],
  ['CREATE INDEX i ON t (a)', true],
  ['ALTER TABLE t ADD COLUMN a int', true],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a int', false],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, DROP CONSTRAINT c', true],
  ['ALTER TABLE t ALTER a SET NOT NULL', false],
  ['DROP TABLE t', true],
  ['DROP TABLE IF EXISTS t', false],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', false],
  ['ALTER TABLE t RENAME TO u', true],
  ["ALTER TYPE m ADD VALUE 'a'", true],
  ["ALTER TYPE m ADD VALUE IF NOT EXISTS 'a'", false],
  ['INSERT INTO t VALUES (1)', false],
])('a second run of %s fails: %s', (sql, fails) => {
  expect(last(sql).rerunFails).toBe(fails);
});

const numbers = (sql: string, inTransaction: boolean): number[] =>
  bare(sql, inTransaction).map(({ transaction }) => transaction);

test('statements of one transaction have one number', () => {
  expect(numbers('SELECT 1; SELECT 2; SELECT 3', true)).toEqual([0, 0, 0]);
  expect(numbers('SELECT 1; SELECT 2; SELECT 3', false)).toEqual([0, 1, 2]);
  expect(numbers('SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3', false)).toEqual([0, 1, 1, 1, 2]);
  expect(numbers('BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT', false)).toEqual([0, 0, 0, 1, 1, 1]);
});

test('a node has its line and column, in characters, behind comments and letters of several bytes', () => {
  const [, at] = bare('SELECT \'ÄÖ€\'; -- ü\n\nALTER TABLE "Bäume"\n  ADD COLUMN é int, DROP COLUMN b;');
  const def = at?.facts.parts[0]?.node.def;
  const location = def !== undefined && 'ColumnDef' in def ? (def.ColumnDef.location ?? -1) : -1;
  expect(at?.statement.place).toEqual({ file: 'a.sql', line: 3, column: 1 });
  expect(at?.statement.placeOfByte(location)).toEqual({ file: 'a.sql', line: 4, column: 14 });
});

test('a down is taken back before the next file', () => {
  const at = statementsAt('CREATE TABLE t (a int)\n-- down\nDROP TABLE t', 'ALTER TABLE t ALTER a TYPE bigint').at(-1);
  expect(at?.schema.column({ schema: null, name: 't' }, 'a')?.type?.name).toBe('int8');
  expect(at?.facts.loss).toBe('none');
});

test('a catalogue says what is there before the first file', () => {
  const name = { schema: 'public', name: 't' };
  const schema = schemaOfCatalogue({
    format: 1,
    lastApplied: null,
    relations: [
      {
        kind: 'table',
        ...name,
        rows: 7_000_000,
        bytes: 5_000_000_000,
        parents: [],
        constraints: [],
        columns: [
          { name: 'a', type: 'integer', notNull: true, default: null, identity: null, generated: null, serial: false },
        ],
      },
    ],
    indexes: [
      {
        schema: 'public',
        name: 'i',
        table: name,
        method: 'btree',
        unique: false,
        columns: ['a'],
        partial: false,
        constraint: null,
      },
    ],
  });
  const [widened, dropped] = bare('ALTER TABLE t ALTER a TYPE bigint; DROP INDEX i', true, schema);
  expect(widened?.facts).toMatchObject({
    loss: 'none',
    locks: [{ object: { schema: 'public', name: 't', rows: 7_000_000, bytes: 5_000_000_000 }, duration: 'rewrite' }],
  });
  expect(dropped?.facts.locks.map(shown)).toEqual(['i: ACCESS EXCLUSIVE, instant', 't: ACCESS EXCLUSIVE, instant']);
  expect(schema.relation(name)?.sizeBytes).toBe(5_000_000_000);
});

const absent = corpusNames.filter((name) => !corporaPresent.includes(name));
describe.skipIf(absent.length > 0)(
  absent.length > 0 ? `skipped: the corpora ${absent.join(', ')} are not beside the checkout` : 'real projects',
  () => {
    test.each(corpusNames)('every statement of %s is read', (name) => {
      const unread: string[] = [];
      const { changelog } = readChangelog(corpusFiles(name));
      const findings = replay(changelog.migrations, ({ statement: { place }, facts }) => {
        if (facts.hidden) unread.push(`${place.file}:${place.line} ${facts.kind}`);
      });
      expect(findings).toEqual([]);
      // SQL put together at run time, which no reader of the file can know
      expect(unread.filter((each) => !each.endsWith(' DO'))).toEqual([]);
    });
  },
);
