import { typeRule } from './type-rule.ts';

export const jsonInsteadOfJsonb = typeRule({
  id: 'json-instead-of-jsonb',
  severity: 'warning',
  title: 'a json column',
  effect:
    '`json` is text that was checked once: it has no equality, so `SELECT DISTINCT` and `GROUP BY` over the row fail, no index, and is parsed anew at each access.',
  instead: 'Use `jsonb`; keep `json` only where the very text and the order of keys have to stay.',
  source: 'https://www.postgresql.org/docs/17/datatype-json.html',
  is: ({ type }) => type.schema === null && type.name === 'json',
  does: 'has no equality and no index',
  write: 'jsonb',
  bad: ['CREATE TABLE t (body json);', 'ALTER TABLE u ADD COLUMN body json[];'],
  good: ['CREATE TABLE t (body jsonb);'],
});
