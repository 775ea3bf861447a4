import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { identifier, sqlName } from '../words.ts';

const before = "CREATE TABLE users (state text NOT NULL DEFAULT 'new', note text DEFAULT '');";

export const defaultDropped: Rule = {
  id: 'default-dropped',
  group: 'compatibility',
  severity: 'warning',
  title: 'a default is dropped',
  effect:
    'Code that leaves the column out of its INSERT writes NULL from now on, or fails where the column is NOT NULL.',
  instead: 'Drop it only when every running version of the code writes the column.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-DEFAULT',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ALTER COLUMN state DROP DEFAULT;' }],
  good: [
    { before, up: "ALTER TABLE users ALTER COLUMN state SET DEFAULT 'fresh';" },
    { before, up: 'ALTER TABLE users ADD COLUMN n int DEFAULT 1;\nALTER TABLE users ALTER COLUMN n DROP DEFAULT;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'DROP DEFAULT').flatMap(({ part, table }) => {
      const column = part.node.name ?? '';
      if (at.schema.columnAge(table, column) === 'new') return [];
      return [
        {
          message: `column ${identifier(column)} of ${sqlName(table)} loses its default: code that leaves it out writes NULL or fails`,
          remedy: 'drop it in a later migration, once all running code writes the column',
        },
      ];
    }),
};
