import { typeRule } from './type-rule.ts';

const narrow = new Set(['int4', 'int2', 'serial', 'serial4', 'smallserial', 'serial2']);

export const narrowInteger = typeRule({
  id: 'narrow-integer',
  severity: 'notice',
  title: 'an integer column of 32 bits or fewer',
  effect:
    'A number that grows with the rows, a reference or a counter, reaches the end of `integer` one day, and the way to `bigint` writes the table anew.',
  instead: 'Use `bigint`, unless the number is bounded by what it means.',
  source: 'https://www.postgresql.org/docs/17/datatype-numeric.html#DATATYPE-INT',
  is: ({ type, primaryKey }) => !primaryKey && type.schema === null && narrow.has(type.name),
  does: 'ends at 2,147,483,647 or before',
  write: 'bigint',
  bad: ['CREATE TABLE t (id bigint PRIMARY KEY, user_id int);'],
  good: ['CREATE TABLE t (id bigint PRIMARY KEY, user_id bigint);'],
});
