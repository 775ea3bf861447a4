import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadParser, splitSection } from '../../lib/analysis/index.ts';
import { LockkeeperError } from '../../lib/errors/index.ts';
import { compileUp } from '../support/compile.ts';

await loadParser();

const split = (text: string) => {
  const statements = splitSection('a.sql', { text, line: 1, transactional: true });
  if (statements instanceof LockkeeperError) throw statements;
  return statements.map(({ sql, place }) => ({ sql, line: place.line, column: place.column }));
};

test('takes comments and blanks around statements away and keeps those inside', () => {
  expect(
    split(
      '-- first; one\n/* a ; b */ SELECT 1 -- inside\n  + 1 /* behind */ ;;\n\n  -- second\n\tSELECT 2 /* x */ -- end\n',
    ),
  ).toEqual([
    { sql: 'SELECT 1 -- inside\n  + 1 /* behind */', line: 2, column: 13 },
    { sql: 'SELECT 2', line: 6, column: 2 },
  ]);
});

test('counts bytes as PostgreSQL does and places as a reader does', () => {
  expect(split("SELECT 'ä€🦆'; SELECT 'é';\nSELECT 3")).toEqual([
    { sql: "SELECT 'ä€🦆'", line: 1, column: 1 },
    { sql: "SELECT 'é'", line: 1, column: 15 },
    { sql: 'SELECT 3', line: 2, column: 1 },
  ]);
});

test('leaves semicolons in bodies alone', () => {
  const body = 'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END';
  const dollar = 'DO $x$ BEGIN NULL; -- $$ ; \n END $x$';
  expect(split(`${body};${dollar};`).map(({ sql }) => sql)).toEqual([body, dollar]);
});

test('the line is that of the file', () => {
  expect(compileUp('\n-- why\nSELECT 1;\n\nSELECT 2').map(({ line }) => line)).toEqual([4, 6]);
});

const literal = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
const statement = fc.oneof(
  literal.map((text) => `SELECT '${text.replaceAll("'", "''")}'`),
  literal.filter((text) => !text.includes('$')).map((text) => `SELECT $q$${text}$q$, 1`),
  literal
    .filter((text) => text !== '' && new TextEncoder().encode(text).length < 60)
    .map((text) => `SELECT 1 AS "${text.replaceAll('"', '""')}"`),
  fc.constantFrom(
    'CREATE TABLE a (b int)',
    'DO $$ BEGIN a := 1; END; $$',
    "INSERT INTO a VALUES (E'\\';--')",
    'SELECT 1 /* ; */ + 2',
  ),
);
const between = fc.constantFrom(';', ';\n', ' ;;\n\n', '; -- a ; comment\n', ';\n/* ä; /* nested */ */ ');

test('statements put together are split into the same statements', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(statement, between), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (parts, ended) => {
        const text = parts.map(([sql, gap], at) => (at === parts.length - 1 && !ended ? sql : sql + gap)).join('');
        expect(split(text).map(({ sql }) => sql)).toEqual(parts.map(([sql]) => sql));
      },
    ),
    { numRuns: 500 },
  );
});
