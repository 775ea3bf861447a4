import { partsUnderLock } from '../alter.ts';
import { partTexts } from '../alter-text.ts';
import type { Rule } from '../rule.ts';
import { identifier, lockWords, nameOf, sqlName } from '../words.ts';

export const typeChangeUnderLock: Rule = {
  id: 'type-change-under-lock',
  group: 'locks',
  severity: 'error',
  title: "a column's type is changed in a way that reads or rewrites the table",
  effect:
    '`ALTER COLUMN … TYPE` takes ACCESS EXCLUSIVE. Unless the values stay as they are on disk (a longer varchar, varchar to text, a numeric with more digits and the same scale), the table and its indexes are written anew: reads and writes wait.',
  instead:
    'Add a column of the new type, keep it in step with a trigger, fill it in a backfill, switch the code, and drop the old one in a later migration.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  sections: ['up', 'down'],
  bad: [
    { before: 'CREATE TABLE t (n int);', up: 'ALTER TABLE t ALTER COLUMN n TYPE bigint;' },
    { before: 'CREATE TABLE t (s text);', up: 'ALTER TABLE t ALTER COLUMN s TYPE varchar(20);' },
  ],
  good: [
    { before: 'CREATE TABLE t (s varchar(10));', up: 'ALTER TABLE t ALTER COLUMN s TYPE varchar(20);' },
    { before: 'CREATE TABLE t (s varchar(10));', up: 'ALTER TABLE t ALTER COLUMN s TYPE text;' },
    { before: 'CREATE TABLE t (n numeric(8,2));', up: 'ALTER TABLE t ALTER COLUMN n TYPE numeric(12,2);' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ALTER COLUMN TYPE').flatMap(({ part, lock, table }) => {
      if (part.duration === 'instant') return [];
      const column = part.node.name ?? '';
      const others = at.facts.locks
        .filter(
          ({ object, mode }) => mode === 'ACCESS EXCLUSIVE' && object.name !== table.name && object.kind === 'table',
        )
        .map(({ object }) => sqlName(object));
      const { def } = part.node;
      const text = partTexts(at.statement.sql)?.parts[at.facts.parts.indexOf(part)] ?? '';
      const type = /\bTYPE\s+([\s\S]+?)(?:\s+USING\b[\s\S]*)?$/i.exec(text)?.[1] ?? '<new type>';
      return [
        {
          ...(def !== undefined && 'ColumnDef' in def && def.ColumnDef.location !== undefined
            ? { location: def.ColumnDef.location }
            : {}),
          message: `changing the type of ${identifier(column)} ${lockWords(lock)}${others.length === 0 ? '' : `; so do those of ${others.join(', ')}, which a foreign key binds to it`}`,
          remedy: [
            `ALTER TABLE ${sqlName(table)} ADD COLUMN ${nameOf([column], 'new')} ${type};`,
            '-- then a trigger that keeps it in step, a backfill, the switch in the code, and later',
            `-- ALTER TABLE ${sqlName(table)} DROP COLUMN ${identifier(column)};`,
          ].join('\n'),
        },
      ];
    }),
};
