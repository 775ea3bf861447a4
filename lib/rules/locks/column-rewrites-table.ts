import { partsUnderLock } from '../alter.ts';
import { columnClauses, partTexts } from '../alter-text.ts';
import type { Rule } from '../rule.ts';
import { identifier, lockWords, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint);';

export const columnRewritesTable: Rule = {
  id: 'column-rewrites-table',
  group: 'locks',
  severity: 'error',
  title: 'a column is added that has to be computed for every row',
  effect:
    'A volatile default, a stored generated column, `serial` or an identity needs a value for each row that is there: the whole table and its indexes are written anew under ACCESS EXCLUSIVE. Reads and writes wait. A constant, or a stable function such as `now()`, is kept in the catalogue and costs nothing.',
  instead:
    'Add the column without a default, set the default for new rows, and fill the old ones in a backfill. For an identity: add a plain `bigint`, fill it, make it NOT NULL, then `ADD GENERATED … AS IDENTITY`.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();' },
    { before, up: 'ALTER TABLE users ADD COLUMN seq serial;' },
    { before, up: 'ALTER TABLE users ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY;' },
    { before, up: 'ALTER TABLE users ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED;' },
  ],
  good: [
    { before, up: 'ALTER TABLE users ADD COLUMN made timestamptz DEFAULT now();' },
    { before, up: 'ALTER TABLE users ADD COLUMN state int NOT NULL DEFAULT 1;' },
    { before: '', up: 'CREATE TABLE users (id bigint);\nALTER TABLE users ADD COLUMN seq serial;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ADD COLUMN').flatMap(({ part, lock, table }) => {
      const { def } = part.node;
      if (part.duration !== 'rewrite' || def === undefined || !('ColumnDef' in def)) return [];
      const { colname = '', location } = def.ColumnDef;
      const column = identifier(colname);
      const [start = '', ...clauses] = columnClauses(
        partTexts(at.statement.sql)?.parts[at.facts.parts.indexOf(part)] ?? `ADD COLUMN ${column} <type>`,
      );
      const added = start.replace(/\b(small|big)?serial(\d)?$/i, 'bigint');
      const initial = clauses.find((text) => /^DEFAULT\b/i.test(text));
      return [
        {
          ...(location === undefined ? {} : { location }),
          message: `adding ${column} ${lockWords(lock)}`,
          remedy: [
            `ALTER TABLE ${sqlName(table)} ${added};`,
            initial === undefined
              ? '-- for new rows: a trigger, or an identity once the old rows are filled'
              : `ALTER TABLE ${sqlName(table)} ALTER COLUMN ${column} SET ${initial};`,
            `-- then fill the old rows in batches, in a migration of its own${clauses.some((text) => /^NOT\s+NULL$/i.test(text)) ? ', and make it NOT NULL in a later one' : ''}`,
          ].join('\n'),
        },
      ];
    }),
};
