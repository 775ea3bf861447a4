import type { constraintsBehind } from '../../analysis/index.ts';
import { partsUnderLock } from '../alter.ts';
import { columnClauses, partTexts, withPart } from '../alter-text.ts';
import type { Rule } from '../rule.ts';
import { nextMigration, notNullSteps, outsideTransaction } from '../steps.ts';
import { identifier, lockWords, nameOf, sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, email text);';
const types: Readonly<Record<string, string>> = { CONSTR_UNIQUE: 'UNIQUE', CONSTR_PRIMARY: 'PRIMARY KEY' };

type ConstraintNode = ReturnType<typeof constraintsBehind>[number];

const coveringOf = ({ including = [], nulls_not_distinct: nulls }: ConstraintNode): string => {
  const columns = including.flatMap((each) => ('String' in each ? [identifier(each.String.sval ?? '')] : []));
  return `${columns.length === 0 ? '' : ` INCLUDE (${columns.join(', ')})`}${nulls === true ? ' NULLS NOT DISTINCT' : ''}`;
};

const deferralOf = ({ deferrable, initdeferred }: ConstraintNode): string =>
  `${deferrable === true ? ' DEFERRABLE' : ''}${initdeferred === true ? ' INITIALLY DEFERRED' : ''}`;

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
      const isKey = type === 'PRIMARY KEY';
      const name =
        constraint.conname !== undefined
          ? identifier(constraint.conname)
          : isKey
            ? nameOf([table.name], 'pkey')
            : nameOf([table.name, ...columns], 'key');
      const nullable = columns.filter((each) => isKey && at.schema.column(table, each)?.notNull !== true);
      const index = at.facts.parts.indexOf(part);
      const clauses = columnClauses(partTexts(at.statement.sql)?.parts[index] ?? '');
      const plain = clauses.filter((text) => !/\b(?:UNIQUE|PRIMARY\s+KEY)\b/i.test(text)).join(' ');
      const build = { ...lock, duration: 'build' as const };
      return [
        {
          ...(constraint.location === undefined ? {} : { location: constraint.location }),
          message: `${type} (${columns.join(', ')}) ${lockWords(build)}`,
          remedy:
            at.schema.relation(table)?.kind === 'partitioned table'
              ? `${type} of a partitioned table takes no index that is there: add it with ALTER TABLE ONLY, build the unique index of each partition CONCURRENTLY, and join them with ALTER INDEX … ATTACH PARTITION`
              : [
                  ...(column === null
                    ? []
                    : [withPart(at.statement.sql, index, plain) ?? '-- add the column first', nextMigration(at)]),
                  ...nullable.flatMap((each) => [...notNullSteps(at, table, each), nextMigration(at)]),
                  outsideTransaction(
                    at,
                    `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${columns.map(identifier).join(', ')})${coveringOf(constraint)};`,
                  ),
                  nextMigration(at),
                  `ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} ${type} USING INDEX ${name}${deferralOf(constraint)};`,
                ].join('\n'),
        },
      ];
    }),
};
