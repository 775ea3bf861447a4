import { expect, test } from 'vitest';
import { withoutLiterals } from '../../lib/migration/without-literals.ts';

test.for([
  [
    "SELECT * FROM users WHERE email = 'ann@example.com' AND id = 4711",
    "SELECT * FROM users WHERE email = '…' AND id = …",
  ],
  [
    'UPDATE t2 SET n = n - 1.5e-3, m = .25, k = 0x1F, l = 1_000 WHERE a1 = $1',
    'UPDATE t2 SET n = n - …, m = …, k = …, l = … WHERE a1 = $1',
  ],
  ["INSERT INTO t VALUES (E'it\\'s', U&'\\0441', 'it''s', date'2026-01-01')", "INSERT INTO t VALUES (E'…', U&'…"],
  ['DO $$ BEGIN PERFORM 42; END $$', 'DO $$…$$'],
  ['SELECT "Secret 1"."c2" -- for ann\n FROM /* trace 77 */ t', 'SELECT "Secret 1"."c2" FROM t'],
  ["ALTER ROLE app PASSWORD 'hunter2", "ALTER ROLE app PASSWORD '…'"],
  ['SELECT 1; SELECT $tag$ cut off', 'SELECT …; SELECT $$…$$'],
  ['  SELECT\n\t1 ', 'SELECT …'],
  ['', ''],
] as const)('of %s is told %s', ([sql, told]) => {
  expect(withoutLiterals(sql, 120)).toBe(told);
});

test('a backslash ends what is told, because the other session may read another end of its literal', () => {
  expect(withoutLiterals("SELECT 'it\\'s ann', 'x'", 120)).toBe("SELECT '…");
  expect(withoutLiterals("SELECT date'it\\'s ann', 'x'", 120)).toBe("SELECT date'…");
});

test('what is longer is cut to the length asked for', () => {
  const told = withoutLiterals(`SELECT ${'a, '.repeat(100)}b FROM t`, 40);
  expect(told).toBe('SELECT a, a, a, a, a, a, a, a, a, a, a,…');
  expect(told).toHaveLength(40);
});
