import { expect, test } from 'vitest';
import type { Json } from '../../lib/errors/index.ts';
import { machine, outputOf, run } from '../support/states-language.ts';

const states = (output: Json) => machine({ Show: { Type: 'Pass', Output: { value: output }, End: true } });

const valueOf = async (expression: string, input: Json = {}): Promise<Json> =>
  ((await outputOf(states(`{% ${expression} %}`), { input })) as { value: Json }).value;

test.each<[string, Json]>([
  ['$partition([1..9], 4)', [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
  [
    '$partition([1..4], 2.9)',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['$range(0, 10, 5)', [0, 5, 10]],
  ['$range(3, 1, -1)', [3, 2, 1]],
  ['$range(4, 4, 1)', 4],
  ["$hash('abc', 'SHA-256')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ["$hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
  ['$parse(\'{"a": [1, null]}\')', { a: [1, null] }],
  ['$random(7) = $random(7)', true],
  ['$random(7) = $random(8)', false],
  ['$random() >= 0 and $random() < 1', true],
  ['$type($uuid()) & $string($length($uuid()))', 'string36'],
  ['$now()', '2026-01-01T00:00:00.000Z'],
  ["$now('[Y]-[M01]')", '2026-01'],
  ['$millis()', 1_767_225_600_000],
  ['$states.input.list[n > 1].n', [2, 3]],
  ['$states.input.list[n > 2].n', 3],
  ['[$states.input.list[n > 2].n]', [3]],
  ['$states.input.nothing', null],
  ["{'a': $states.input.absent, 'b': 1}", { b: 1 }],
  ['$states.input.list{$string(n): n * 2}', { 1: 2, 2: 4, 3: 6 }],
])('%s', async (expression, expected) => {
  const input = { list: [{ n: 1 }, { n: 2 }, { n: 3 }], nothing: null };
  expect(await valueOf(expression, input)).toEqual(expected);
});

test.each([
  '$partition([], 2)',
  '$partition([1], 0)',
  '$range(1, 3, -1)',
  '$range(1, 3)',
  "$hash('abc')",
  "$hash('abc', 'SHA-3')",
  "$parse('{')",
  'function($x) { $x }',
  '$sum',
  "'a' + 1",
  "$error('no')",
])('%s is an evaluation error', async (expression) => {
  expect((await run(states(`{% ${expression} %}`))).end).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
  });
});

test('a string that is not wholly an expression stays as it is', async () => {
  expect(await outputOf(states('a {% 1 %}'))).toEqual({ value: 'a {% 1 %}' });
});

test('a variable hides a function of the same name', async () => {
  const definition = machine({
    Set: { Type: 'Pass', Assign: { count: 3 }, Next: 'Show' },
    Show: { Type: 'Pass', Output: '{% $count %}', End: true },
  });
  expect(await outputOf(definition)).toBe(3);
});

test('a key named __proto__ is a key like any other', async () => {
  const input = JSON.parse('{"__proto__": {"a": 1}}') as Json;
  const output = await outputOf(machine({ Show: { Type: 'Pass', Output: '{% $states.input %}', End: true } }), {
    input,
  });
  expect(JSON.stringify(output)).toBe('{"__proto__":{"a":1}}');
});
