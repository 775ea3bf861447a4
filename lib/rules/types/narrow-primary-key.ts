import { typeRule } from './type-rule.ts';

const narrow = new Set(['int4', 'int2', 'serial', 'serial4', 'smallserial', 'serial2']);

export const narrowPrimaryKey = typeRule({
  id: 'narrow-primary-key',
  severity: 'warning',
  title: 'a primary key of 32 bits or fewer',
  effect:
    'An `integer` key ends at 2,147,483,647, and gaps count. On that day every INSERT fails, and the way to `bigint` writes the table and all its references anew.',
  instead: 'Use `bigint`.',
  source: 'https://www.postgresql.org/docs/17/datatype-numeric.html#DATATYPE-INT',
  is: ({ type, primaryKey }) => primaryKey && type.schema === null && narrow.has(type.name),
  does: 'is a key that ends at 2,147,483,647 or before',
  write: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  bad: ['CREATE TABLE t (id int PRIMARY KEY);', 'CREATE TABLE t (id serial, PRIMARY KEY (id));'],
  good: ['CREATE TABLE t (id bigint PRIMARY KEY, n int);'],
});
