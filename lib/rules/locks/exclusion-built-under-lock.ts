import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { lockWords } from '../words.ts';

export const exclusionBuiltUnderLock: Rule = {
  id: 'exclusion-built-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'an exclusion constraint is added to a table in use',
  effect:
    'An exclusion constraint builds its index under ACCESS EXCLUSIVE: reads and writes of the table wait. PostgreSQL can neither add it NOT VALID nor take an index that is there.',
  instead:
    'Make a new table with the constraint and move the rows into it in a backfill; or add it in a window when the table may stand still, and say so with `-- lockkeeper:allow`.',
  source: 'https://www.postgresql.org/docs/17/sql-createtable.html#SQL-CREATETABLE-EXCLUDE',
  sections: ['up', 'down'],
  bad: [
    {
      before: 'CREATE TABLE bookings (room int4range, at tsrange);',
      up: 'ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (at WITH &&);',
    },
  ],
  good: [{ before: '', up: 'CREATE TABLE bookings (at tsrange, EXCLUDE USING gist (at WITH &&));' }],
  ask: (at) =>
    partsUnderLock(at, 'ADD CONSTRAINT').flatMap(({ part, lock }) => {
      const { def } = part.node;
      if (def === undefined || !('Constraint' in def) || def.Constraint.contype !== 'CONSTR_EXCLUSION') return [];
      return [
        {
          ...(def.Constraint.location === undefined ? {} : { location: def.Constraint.location }),
          message: `the exclusion constraint ${lockWords(lock)}, and there is no way to add it online`,
          remedy:
            'make a new table with the constraint and move the rows, or allow it in a window when the table may stand still',
        },
      ];
    }),
};
