import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../lib/analysis/index.ts';
import { rules } from '../../lib/rules/index.ts';
import { foundIn } from '../support/ask-rules.ts';

beforeAll(loadParser);

test('every rule has an id of its own', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  test.each(rule.bad.map((example) => [example.up, example] as const))('finds %s', (_, example) => {
    expect(foundIn(example).map((found) => found.rule)).toContain(id);
  });
  test.each(rule.good.map((example) => [example.up, example] as const))('leaves %s alone', (_, example) => {
    expect(foundIn(example).map((found) => found.rule)).not.toContain(id);
  });
});
