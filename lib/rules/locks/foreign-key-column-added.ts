import { constraintsBehind } from '../../analysis/index.ts';
import { partsUnderLock } from '../alter.ts';
import { columnClauses, partTexts, withPart } from '../alter-text.ts';
import type { Rule } from '../rule.ts';
import { nextMigration } from '../steps.ts';
import { identifier, nameOf, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE emails (id bigint);';

export const foreignKeyColumnAdded: Rule = {
  id: 'foreign-key-column-added',
  group: 'locks',
  severity: 'warning',
  title: 'a column is added together with its foreign key',
  effect:
    'Beside ACCESS EXCLUSIVE on its own table the statement takes SHARE ROW EXCLUSIVE on the table it refers to. With a default it looks up every row meanwhile; without one it needs a moment, for which it has to wait on two busy tables at once.',
  instead: 'Add the column, then the foreign key `NOT VALID`, then validate it: three migrations.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE emails ADD COLUMN user_id bigint REFERENCES users (id);' }],
  good: [
    { before, up: 'ALTER TABLE emails ADD COLUMN user_id bigint;' },
    { before, up: 'CREATE TABLE t (user_id bigint);\nALTER TABLE t ADD COLUMN u bigint REFERENCES users (id);' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ADD COLUMN').flatMap(({ part, table }) => {
      const { def } = part.node;
      if (def === undefined || !('ColumnDef' in def)) return [];
      const key = constraintsBehind(def.ColumnDef).find(({ contype }) => contype === 'CONSTR_FOREIGN');
      if (key === undefined) return [];
      const target = { schema: key.pktable?.schemaname ?? null, name: key.pktable?.relname ?? '' };
      const column = identifier(def.ColumnDef.colname ?? '');
      const name =
        key.conname === undefined ? nameOf([table.name, def.ColumnDef.colname ?? ''], 'fkey') : identifier(key.conname);
      const index = at.facts.parts.indexOf(part);
      const clauses = columnClauses(partTexts(at.statement.sql)?.parts[index] ?? '');
      const refers = /\bREFERENCES\b/i;
      const added = withPart(at.statement.sql, index, clauses.filter((text) => !refers.test(text)).join(' '));
      const reference = clauses.find((text) => refers.test(text))?.replace(/^.*?(?=REFERENCES)/is, '');
      return [
        {
          ...(key.location === undefined ? {} : { location: key.location }),
          message: `the foreign key of ${column} locks ${sqlName(target)}, too: writes to both wait until the transaction ends`,
          remedy: [
            added ?? `ALTER TABLE ${sqlName(table)} ADD COLUMN ${column} …;`,
            nextMigration(at),
            `ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} FOREIGN KEY (${column}) ${reference ?? `REFERENCES ${sqlName(target)}`} NOT VALID;`,
            nextMigration(at),
            `ALTER TABLE ${sqlName(table)} VALIDATE CONSTRAINT ${name};`,
          ].join('\n'),
        },
      ];
    }),
};
