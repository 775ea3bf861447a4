import { expect, test } from 'vitest';
import { numberPlaceholders } from '../../lib/local/data-api/placeholders.ts';

test.each([
  ['SELECT 1', 'SELECT 1', []],
  ['SELECT :a, :b, :a', 'SELECT $1, $2, $1', ['a', 'b']],
  [':a', '$1', ['a']],
  ['SELECT :a::int', 'SELECT $1::int', ['a']],
  ["SELECT '10:30', ':a''b:c'", "SELECT '10:30', ':a''b:c'", []],
  ['SELECT ":a"', 'SELECT ":a"', []],
  ['SELECT 1 -- :a\n, :b', 'SELECT 1 -- :a\n, $1', ['b']],
  ['SELECT 1 /* :a */, :b', 'SELECT 1 /* :a */, $1', ['b']],
  ['SELECT 1 -- :a', 'SELECT 1 -- :a', []],
  ["SELECT ':a", "SELECT ':a", []],
  ['SELECT a - :b / :c', 'SELECT a - $1 / $2', ['b', 'c']],
  ['x := :y; z : 1', 'x := $1; z : 1', ['y']],
  ['SELECT a[1:2]', 'SELECT a[1$1]', ['2']],
  ['DO $$ begin x :=y; end $$', 'DO $$ begin x :=y; end $$', []],
  ['SELECT $$a :b c$$', 'SELECT $$a $1 c$$', ['b']],
])('%j', (sql, text, names) => {
  expect(numberPlaceholders(sql)).toEqual({ text, names });
});
