import { expect, test } from 'vitest';
import { compileUp } from '../support/compile.ts';

/** `kind: loss` of each statement. */
const lossOf = (sql: string, option = ''): string[] =>
  compileUp(sql, option).map(({ kind, loss }) => `${kind}: ${loss}`);

test.each([
  ['CREATE TABLE a ()', 'CREATE TABLE: none'],
  ['CREATE VIEW a AS SELECT 1', 'CREATE VIEW: none'],
  ['CREATE MATERIALIZED VIEW a AS SELECT 1', 'CREATE MATERIALIZED VIEW: none'],
  ['CREATE INDEX i ON a (b)', 'CREATE INDEX: none'],
  ["ALTER TYPE a ADD VALUE 'b'", 'ALTER TYPE ADD VALUE: none'],
  ['REVOKE ALL ON a FROM b', 'REVOKE: none'],
  ['INSERT INTO a VALUES (1)', 'INSERT: none'],
  ['INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING', 'INSERT: none'],
  ['INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 2', 'INSERT ON CONFLICT DO UPDATE: data'],
  ['UPDATE a SET b = 1', 'UPDATE: data'],
  ['DELETE FROM a WHERE b = 1', 'DELETE: data'],
  ['MERGE INTO a USING b ON a.c = b.c WHEN NOT MATCHED THEN INSERT VALUES (1)', 'MERGE: none'],
  ['MERGE INTO a USING b ON a.c = b.c WHEN MATCHED THEN DELETE', 'MERGE: data'],
  ['WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone', 'INSERT: data'],
  ['WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', 'SELECT: data'],
  ['TRUNCATE a, b', 'TRUNCATE: data'],
  ['EXPLAIN DELETE FROM a', 'EXPLAIN: none'],
  ['EXPLAIN ANALYZE DELETE FROM a', 'EXPLAIN ANALYZE: data'],
  ['DROP TABLE a', 'DROP TABLE: data'],
  ['DROP SEQUENCE a', 'DROP SEQUENCE: data'],
  ['DROP SCHEMA a', 'DROP SCHEMA: data'],
  ['DROP TYPE a', 'DROP TYPE: recoverable'],
  ['DROP TYPE a CASCADE', 'DROP TYPE CASCADE: data'],
  ['DROP DOMAIN a CASCADE', 'DROP DOMAIN CASCADE: data'],
  ['DROP VIEW a', 'DROP VIEW: recoverable'],
  ['DROP MATERIALIZED VIEW a', 'DROP MATERIALIZED VIEW: recoverable'],
  ['DROP INDEX a', 'DROP INDEX: recoverable'],
  ['DROP FUNCTION a(int)', 'DROP FUNCTION: recoverable'],
  ['DROP TRIGGER a ON b', 'DROP TRIGGER: recoverable'],
  ['DROP EXTENSION a', 'DROP EXTENSION: unknown'],
  ['DROP OWNED BY a', 'DROP OWNED: data'],
  ['ALTER TABLE a DROP COLUMN b', 'ALTER TABLE DROP COLUMN: data'],
  ['ALTER TABLE a DROP CONSTRAINT b', 'ALTER TABLE DROP CONSTRAINT: recoverable'],
  ['ALTER TABLE a ALTER b DROP DEFAULT', 'ALTER TABLE DROP DEFAULT: recoverable'],
  ['ALTER TABLE a ALTER b SET DEFAULT 1', 'ALTER TABLE SET DEFAULT: none'],
  ['ALTER TABLE a ALTER b DROP EXPRESSION', 'ALTER TABLE DROP EXPRESSION: data'],
  ['ALTER TABLE a ADD COLUMN b int, DROP COLUMN c', 'ALTER TABLE ADD COLUMN, DROP COLUMN: data'],
  ['ALTER TABLE a DETACH PARTITION b', 'ALTER TABLE DETACH PARTITION: data'],
  ['ALTER TABLE a SET UNLOGGED', 'ALTER TABLE SET UNLOGGED: data'],
  ['ALTER TABLE a SET LOGGED', 'ALTER TABLE SET LOGGED: none'],
  ['ALTER TABLE a RENAME TO b', 'RENAME TABLE: none'],
  ['ALTER TYPE a DROP ATTRIBUTE b', 'ALTER TYPE DROP COLUMN: data'],
  ['CALL a()', 'CALL: unknown'],
  ['SELECT a()', 'SELECT: unknown'],
  ["SELECT nextval('a'), pg_catalog.now()", 'SELECT: none'],
  ["SELECT setval('a', 1)", 'SELECT: data'],
  ['ALTER SEQUENCE a RESTART', 'ALTER SEQUENCE: data'],
  ['ALTER SEQUENCE a CACHE 10', 'ALTER SEQUENCE: none'],
  ['SELECT lo_unlink(1)', 'SELECT: data'],
])('%s is %s', (sql, expected) => {
  expect(lossOf(`${sql};`)).toEqual([expected]);
});

test.each([
  ['text', 'none'],
  ['varchar', 'none'],
  // double precision becomes numeric with 15 digits only
  ['numeric', 'data'],
  ['text USING b::text', 'none'],
  ['text USING upper(b)', 'data'],
  ['text USING c::text', 'data'],
  ['varchar(20)', 'data'],
  ['text[]', 'data'],
  ['bigint', 'data'],
  ['timestamptz', 'data'],
  ['numeric(10, 2)', 'data'],
  ['numeric USING b::numeric', 'data'],
])('a column of an unknown type that becomes %s loses: %s', (type, loss) => {
  expect(compileUp(`ALTER TABLE a ALTER COLUMN b TYPE ${type};`)[0]?.loss).toBe(loss);
});

test.each([
  ["DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$", 'data'],
  ["DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'a'); END $$", 'unknown'],
  ['DO $$ BEGIN IF true THEN DELETE FROM a; END IF; END $$', 'data'],
  ['DO $$ BEGIN CREATE TABLE a (); EXCEPTION WHEN duplicate_table THEN NULL; END $$', 'none'],
  ['DO $$ DECLARE n bigint := (SELECT count(*) FROM a); BEGIN n := n + 1; END $$', 'none'],
  ['DO $$ BEGIN PERFORM own_function(); END $$', 'unknown'],
  ["DO 'BEGIN NULL; END'", 'none'],
  ['DO LANGUAGE plpython3u $$ pass $$', 'unknown'],
  ['DO $$ this is no program $$', 'unknown'],
])('%s loses: %s', (sql, loss) => {
  expect(compileUp(`${sql};`)[0]).toMatchObject({ kind: 'DO', loss });
});

test.each([
  ['CREATE TABLE a (); INSERT INTO a VALUES (1); DELETE FROM a; TRUNCATE a; DROP TABLE a', 'none none none none none'],
  ['CREATE TABLE s.a (); DROP TABLE s.a CASCADE', 'none none'],
  ['CREATE TABLE s.a (); DROP TABLE a', 'none data'],
  ['CREATE TABLE IF NOT EXISTS a (); DROP TABLE a', 'none data'],
  ['CREATE TABLE a (); DROP TABLE a; DROP TABLE a', 'none none data'],
  ['CREATE TABLE a (); SET LOCAL search_path = s; DROP TABLE a', 'none none data'],
  ['CREATE TABLE a (); DO $$ BEGIN NULL; END $$; DROP TABLE a', 'none none none'],
  ["CREATE TABLE a (); DO $$ BEGIN EXECUTE lower('X'); END $$; DROP TABLE a", 'none unknown data'],
  ['CREATE TABLE n (); ALTER TABLE o RENAME TO x; ALTER TABLE n RENAME TO o; DROP TABLE x', 'none none none data'],
  ['CREATE TABLE n (); ALTER TABLE n RENAME TO o; DROP TABLE o', 'none none none'],
  ['CREATE TABLE n (); DROP TABLE n; ALTER TABLE o RENAME TO n; DROP TABLE n', 'none none none data'],
  ['CREATE SCHEMA s; CREATE TABLE IF NOT EXISTS s.a (); DROP TABLE s.a; DROP SCHEMA s CASCADE', 'none none none none'],
  ['CREATE TYPE a AS ENUM (); DROP TYPE a CASCADE', 'none none'],
  [
    'ALTER TABLE a ADD b int; UPDATE a SET b = 1; ALTER TABLE a ALTER b TYPE smallint; ALTER TABLE a DROP b',
    'none none none none',
  ],
  ['ALTER TABLE a ADD b int; UPDATE a SET b = 1, c = 2', 'none data'],
  ['ALTER TABLE a ADD IF NOT EXISTS b int; UPDATE a SET b = 1', 'none data'],
  ['ALTER TABLE a ADD b int; ALTER TABLE a RENAME b TO c; ALTER TABLE a DROP c', 'none none none'],
  ['ALTER TABLE a ADD b int; ALTER TABLE a DROP b; ALTER TABLE a DROP b', 'none none data'],
])('what a section created itself holds no data: %s', (sql, losses) => {
  expect(
    compileUp(`${sql};`)
      .map(({ loss }) => loss)
      .join(' '),
  ).toBe(losses);
});

test.each([
  [
    'CREATE UNIQUE INDEX CONCURRENTLY i ON s.a (b)',
    'CREATE UNIQUE INDEX CONCURRENTLY',
    { by: 'index-valid', table: { schema: 's', name: 'a' }, index: 'i' },
  ],
  [
    'DROP INDEX CONCURRENTLY s."I"',
    'DROP INDEX CONCURRENTLY',
    { by: 'index-absent', index: { schema: 's', name: 'I' } },
  ],
  [
    'ALTER TABLE s.a DETACH PARTITION b CONCURRENTLY',
    'ALTER TABLE DETACH PARTITION CONCURRENTLY',
    { by: 'partition-detached', table: { schema: 's', name: 'a' }, partition: { schema: null, name: 'b' } },
  ],
  ['REINDEX TABLE CONCURRENTLY a', 'REINDEX TABLE CONCURRENTLY', { by: 'repeat' }],
  ['REINDEX SCHEMA a', 'REINDEX SCHEMA', { by: 'repeat' }],
  ['VACUUM a', 'VACUUM', { by: 'repeat' }],
  ['VACUUM FULL a', 'VACUUM FULL', { by: 'repeat' }],
  ['CLUSTER', 'CLUSTER', { by: 'repeat' }],
])('%s runs outside a transaction and has its judge', (sql, kind, judge) => {
  expect(compileUp(`${sql};`, ' transaction:false')).toMatchObject([{ kind, transactional: false, judge }]);
});

test.each(['ANALYZE a', 'REINDEX TABLE a', 'CLUSTER a USING i', 'ALTER TABLE a DETACH PARTITION b FINALIZE'])(
  '%s runs in a transaction',
  (sql) => {
    const [statement] = compileUp(`${sql};`);
    expect(statement?.transactional).toBe(true);
    expect(statement).not.toHaveProperty('judge');
  },
);
