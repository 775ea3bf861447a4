import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { identifier, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (name text NOT NULL);';

export const notNullDropped: Rule = {
  id: 'not-null-dropped',
  group: 'compatibility',
  severity: 'warning',
  title: 'NOT NULL is dropped',
  effect: 'Code that was written for a column that is never NULL meets the first NULL without warning.',
  instead: 'Drop it only when every running version of the code reads a NULL.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ALTER COLUMN name DROP NOT NULL;' }],
  good: [
    { before, up: 'ALTER TABLE users ALTER COLUMN name SET NOT NULL;' },
    { before: '', up: 'CREATE TABLE t (a text NOT NULL);\nALTER TABLE t ALTER COLUMN a DROP NOT NULL;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'DROP NOT NULL').map(({ part, table }) => ({
      message: `column ${identifier(part.node.name ?? '')} of ${sqlName(table)} can be NULL from now on, and running code does not know`,
      remedy: 'drop it in a later migration, once all running code reads a NULL',
    })),
};
