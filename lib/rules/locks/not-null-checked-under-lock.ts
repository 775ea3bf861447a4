import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { notNullSteps } from '../steps.ts';
import { identifier, lockWords } from '../words.ts';

const before = 'CREATE TABLE users (email text);';

export const notNullCheckedUnderLock: Rule = {
  id: 'not-null-checked-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'SET NOT NULL without a validated CHECK before it',
  effect:
    '`SET NOT NULL` takes ACCESS EXCLUSIVE and reads every row to look for a NULL: reads and writes of the table wait. PostgreSQL leaves the look out where a valid CHECK already proves it.',
  instead:
    'Add `CHECK (column IS NOT NULL) NOT VALID`, validate it in the next migration, then `SET NOT NULL`, which is instant, and drop the CHECK.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL',
  sections: ['up', 'down'],
  bad: [{ before, up: 'ALTER TABLE users ALTER COLUMN email SET NOT NULL;' }],
  good: [
    {
      before: `${before}\nALTER TABLE users ADD CONSTRAINT users_email_nn CHECK (email IS NOT NULL) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT users_email_nn;`,
      up: 'ALTER TABLE users ALTER COLUMN email SET NOT NULL;',
    },
    { before: '', up: 'CREATE TABLE users (email text);\nALTER TABLE users ALTER COLUMN email SET NOT NULL;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'SET NOT NULL').flatMap(({ part, lock, table }) => {
      if (part.duration === 'instant') return [];
      const column = identifier(part.node.name ?? '');
      return [
        {
          message: `SET NOT NULL of ${column} ${lockWords(lock)}`,
          remedy: notNullSteps(at, table, part.node.name ?? '').join('\n'),
        },
      ];
    }),
};
