import { alteredTable } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (a text, b text);';

export const alteredInPieces: Rule = {
  id: 'altered-in-pieces',
  group: 'discipline',
  severity: 'notice',
  title: 'one table is read several times by ALTER TABLE statements that could be one',
  effect: 'Each statement that reads or rewrites the table does so for itself, under the lock of the first.',
  instead: 'Join the parts with commas: PostgreSQL reads the table once for all of them.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ALTER a SET NOT NULL;\nALTER TABLE users ALTER b SET NOT NULL;' }],
  good: [
    { before, up: 'ALTER TABLE users ALTER a SET NOT NULL, ALTER b SET NOT NULL;' },
    { before, up: 'ALTER TABLE users ADD COLUMN c text;\nALTER TABLE users ADD COLUMN d text;' },
  ],
  ask: (at) => {
    const table = alteredTable(at);
    const reads = (facts: typeof at.facts): boolean => facts.parts.some(({ duration }) => duration !== 'instant');
    if (table === null || at.facts.locks.length === 0 || !reads(at.facts)) return [];
    const first = at.earlier.find(
      (known) =>
        known.transaction === at.transaction &&
        reads(known.facts) &&
        alteredTable({ ...at, ...known })?.name === table.name,
    );
    if (first === undefined) return [];
    return [
      {
        message: `${sqlName(table)} is read again, after line ${first.statement.place.line}`,
        remedy: 'join the two with a comma: the table is then read once',
      },
    ];
  },
};
