import type { Rule } from '../rule.ts';
import { scansOf } from './constraint-scans.ts';

const before = 'CREATE TABLE accounts (balance bigint);';

export const checkCheckedUnderLock: Rule = {
  id: 'check-checked-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'a CHECK is added without NOT VALID',
  effect:
    'Adding a CHECK takes ACCESS EXCLUSIVE and reads every row: reads and writes of the table wait until the transaction ends.',
  instead:
    'Add it `NOT VALID`, which is instant and holds for new rows at once, and `VALIDATE CONSTRAINT` in the next migration: that takes SHARE UPDATE EXCLUSIVE, and reads and writes go on.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'ALTER TABLE accounts ADD CONSTRAINT positive_balance CHECK (balance >= 0);' },
    { before, up: 'ALTER TABLE accounts ADD CHECK (balance >= 0);' },
  ],
  good: [
    { before, up: 'ALTER TABLE accounts ADD CONSTRAINT positive_balance CHECK (balance >= 0) NOT VALID;' },
    {
      before:
        'CREATE TABLE accounts (balance bigint);\nALTER TABLE accounts ADD CONSTRAINT positive_balance CHECK (balance >= 0) NOT VALID;',
      up: 'ALTER TABLE accounts VALIDATE CONSTRAINT positive_balance;',
    },
    { before: '', up: 'CREATE TABLE accounts (balance bigint);\nALTER TABLE accounts ADD CHECK (balance >= 0);' },
  ],
  ask: (at) => scansOf(at, 'CONSTR_CHECK', 'check'),
};
