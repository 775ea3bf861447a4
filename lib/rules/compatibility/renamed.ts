import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

export const renamed: Rule = {
  id: 'renamed',
  group: 'compatibility',
  severity: 'error',
  title: 'a table, column, type, enum value or schema is renamed',
  effect:
    'Code that runs on the old name fails from the moment of the rename until the last instance of it is gone; and the old version can no longer be deployed again.',
  instead:
    'Add the new thing beside the old one, keep both in step (a trigger, or a view under the old name), switch the code, and drop the old one in a later migration.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-RENAME',
  sections: ['up'],
  bad: [
    { before: 'CREATE TABLE users (name text);', up: 'ALTER TABLE users RENAME COLUMN name TO full_name;' },
    { before: 'CREATE TABLE users (name text);', up: 'ALTER TABLE users RENAME TO people;' },
    { before: "CREATE TYPE mood AS ENUM ('sad');", up: "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';" },
    { before: 'CREATE SCHEMA app;', up: 'ALTER SCHEMA app RENAME TO shop;' },
  ],
  good: [
    { before: 'CREATE TABLE users (name text);', up: 'ALTER TABLE users ADD COLUMN full_name text;' },
    { before: '', up: 'CREATE TABLE users_new (name text);\nALTER TABLE users_new RENAME TO users;' },
    {
      before: 'CREATE TABLE users (name text);\nCREATE INDEX i ON users (name);',
      up: 'ALTER INDEX i RENAME TO users_name_idx;',
    },
  ],
  ask: ({ facts, schema }) =>
    facts.objects
      .filter(
        ({ role, kind, isNew }) =>
          role === 'renamed' && !isNew && !['index', 'constraint', 'trigger', 'policy', 'rule'].includes(kind),
      )
      .filter((object) => object.kind === 'schema' || object.kind === 'type' || !schema.isUnseen(object))
      .map((object) => ({
        message: `${facts.kind} of ${sqlName(object)}${object.part === undefined ? '' : `.${object.part}`}: code that runs on the old name fails at once`,
        remedy: 'add the new one beside it, switch the code, and drop the old one in a later migration',
      })),
};
