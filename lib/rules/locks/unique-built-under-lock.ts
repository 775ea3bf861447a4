import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { identifier, lockWords, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, email text);';
const types: Readonly<Record<string, string>> = { CONSTR_UNIQUE: 'UNIQUE', CONSTR_PRIMARY: 'PRIMARY KEY' };

export const uniqueBuiltUnderLock: Rule = {
  id: 'unique-built-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'a UNIQUE or PRIMARY KEY is added without USING INDEX',
  effect:
    'The constraint builds its index under ACCESS EXCLUSIVE: reads and writes of the table wait for the whole build.',
  instead:
    'Build the unique index with `CREATE UNIQUE INDEX CONCURRENTLY` in a migration with `transaction:false`, then make it the constraint with `ADD CONSTRAINT … USING INDEX`, which is instant. For a primary key the columns have to be NOT NULL before.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);' },
    { before, up: 'ALTER TABLE users ADD PRIMARY KEY (id);' },
    { before, up: 'ALTER TABLE users ADD COLUMN nick text UNIQUE;' },
  ],
  good: [
    {
      before: `${before}\nCREATE UNIQUE INDEX users_email_key ON users (email);`,
      up: 'ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;',
    },
    { before: '', up: 'CREATE TABLE users (id bigint);\nALTER TABLE users ADD PRIMARY KEY (id);' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ADD CONSTRAINT', 'ADD COLUMN').flatMap(({ part, lock, table }) => {
      const { def } = part.node;
      if (def === undefined) return [];
      const column = 'ColumnDef' in def ? def.ColumnDef : null;
      const constraint =
        'Constraint' in def
          ? def.Constraint
          : (column?.constraints ?? [])
              .flatMap((each) => ('Constraint' in each ? [each.Constraint] : []))
              .find(({ contype = '' }) => contype in types);
      const type = types[constraint?.contype ?? ''];
      if (constraint === undefined || type === undefined || constraint.indexname !== undefined) return [];
      const columns =
        column === null
          ? (constraint.keys ?? []).flatMap((key) => ('String' in key ? [key.String.sval ?? ''] : []))
          : [column.colname ?? ''];
      const name = identifier(constraint.conname ?? [table.name, ...columns, 'key'].join('_'));
      const build = { ...lock, duration: 'build' as const };
      return [
        {
          ...(constraint.location === undefined ? {} : { location: constraint.location }),
          message: `${type} (${columns.join(', ')}) ${lockWords(build)}`,
          remedy: [
            ...(column === null ? [] : ['-- add the column without the constraint, then']),
            '-- migrate:up transaction:false',
            `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${columns.map(identifier).join(', ')});`,
            '-- and in the next migration',
            `ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} ${type} USING INDEX ${name};`,
          ].join('\n'),
        },
      ];
    }),
};
