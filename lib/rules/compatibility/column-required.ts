import { constraintsBehind } from '../../analysis/index.ts';
import { partsUnderLock } from '../alter.ts';
import { columnClauses, partTexts, withPart } from '../alter-text.ts';
import type { Rule } from '../rule.ts';
import { identifier, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint);';

export const columnRequired: Rule = {
  id: 'column-required',
  group: 'compatibility',
  severity: 'error',
  title: 'a NOT NULL column is added without a default',
  effect:
    'The statement fails as soon as the table has one row. Where it has none, code that does not know the column cannot insert any more.',
  instead:
    'Add it with a default that is constant, which costs nothing; or add it nullable, let the new code write it, fill the old rows in a backfill, and make it NOT NULL in a later migration.',
  source: 'https://www.postgresql.org/docs/17/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ADD COLUMN email text NOT NULL;' }],
  good: [
    { before, up: "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';" },
    { before, up: 'ALTER TABLE users ADD COLUMN email text;' },
    { before, up: 'ALTER TABLE users ADD COLUMN twice bigint NOT NULL GENERATED ALWAYS AS (id * 2) STORED;' },
    { before: '', up: 'CREATE TABLE users (id bigint);\nALTER TABLE users ADD COLUMN email text NOT NULL;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ADD COLUMN').flatMap(({ part, table }) => {
      const { def } = part.node;
      if (def === undefined || !('ColumnDef' in def)) return [];
      const types = new Set(constraintsBehind(def.ColumnDef).map(({ contype }) => contype));
      const required = types.has('CONSTR_NOTNULL') || types.has('CONSTR_PRIMARY');
      const filled = ['CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY'] as const;
      const names = (def.ColumnDef.typeName?.names ?? []).flatMap((name) =>
        'String' in name ? [name.String.sval ?? ''] : [],
      );
      const serial = /serial\d?$/.test(names.at(-1) ?? '');
      if (!required || serial || filled.some((type) => types.has(type))) return [];
      const column = identifier(def.ColumnDef.colname ?? '');
      const index = at.facts.parts.indexOf(part);
      const clauses = columnClauses(partTexts(at.statement.sql)?.parts[index] ?? '');
      const nullable = withPart(
        at.statement.sql,
        index,
        clauses.filter((text) => !/NOT\s+NULL$/i.test(text)).join(' '),
      );
      return [
        {
          ...(def.ColumnDef.location === undefined ? {} : { location: def.ColumnDef.location }),
          message: `column ${column} of ${sqlName(table)} is required and has no default: it fails on a table with rows, and code that does not know it cannot insert`,
          remedy: types.has('CONSTR_PRIMARY')
            ? 'add the column without the constraint, fill it in a backfill, then build its unique index CONCURRENTLY and add the PRIMARY KEY USING INDEX'
            : `${nullable ?? 'add it without NOT NULL'}\n-- then fill it in a backfill, and SET NOT NULL in a later migration; or give it a constant DEFAULT`,
        },
      ];
    }),
};
