import type { Rule } from '../rule.ts';
import { scansOf } from './constraint-scans.ts';

const before =
  'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);';

export const foreignKeyCheckedUnderLock: Rule = {
  id: 'foreign-key-checked-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'a foreign key is added without NOT VALID',
  effect:
    'Adding a foreign key takes SHARE ROW EXCLUSIVE on both tables and looks up every row: writes to both wait until the transaction ends.',
  instead:
    'Add it `NOT VALID`, which is instant and holds for new rows at once, and `VALIDATE CONSTRAINT` in the next migration: that takes SHARE UPDATE EXCLUSIVE, and writes go on.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id);' },
    { before, up: 'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id);' },
  ],
  good: [
    {
      before,
      up: 'ALTER TABLE posts ADD CONSTRAINT posts_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;',
    },
    {
      before: 'CREATE TABLE users (id bigint PRIMARY KEY);',
      up: 'CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);\nALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id);',
    },
  ],
  ask: (at) => scansOf(at, 'CONSTR_FOREIGN', 'foreign key'),
};
