import { typeRule } from './type-rule.ts';

export const varcharLimited = typeRule({
  id: 'varchar-limited',
  severity: 'notice',
  title: 'a varchar(n) column',
  effect: 'A limit in the type saves nothing, and a shorter one later reads the whole table under ACCESS EXCLUSIVE.',
  instead: 'Use `text`, with a CHECK on the length where that matters: a CHECK can be changed online.',
  source: 'https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_varchar.28n.29_by_default',
  is: ({ type }) => type.schema === null && type.name === 'varchar' && type.modifiers.length > 0,
  does: 'has its limit in the type',
  write: 'text CHECK (length(…) <= …)',
  bad: ['CREATE TABLE t (name varchar(50));', 'ALTER TABLE u ALTER COLUMN a TYPE varchar(50);'],
  good: ['CREATE TABLE t (name text);', 'CREATE TABLE t (name varchar);'],
});
