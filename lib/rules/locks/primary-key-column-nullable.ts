import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { nextMigration, notNullSteps } from '../steps.ts';
import { identifier, lockWords } from '../words.ts';

const before = 'CREATE TABLE users (id bigint);\nCREATE UNIQUE INDEX users_key ON users (id);';

export const primaryKeyColumnNullable: Rule = {
  id: 'primary-key-column-nullable',
  group: 'locks',
  severity: 'error',
  title: 'a PRIMARY KEY USING INDEX over a column that may be NULL',
  effect:
    'PostgreSQL makes the columns of a primary key NOT NULL, and reads every row under ACCESS EXCLUSIVE to see that it may, although the index is there.',
  instead: 'Make the columns NOT NULL before, by way of a validated CHECK; then `USING INDEX` is instant.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  sections: ['up', 'down'],
  bad: [{ before, up: 'ALTER TABLE users ADD CONSTRAINT users_key PRIMARY KEY USING INDEX users_key;' }],
  good: [
    {
      before: 'CREATE TABLE users (id bigint NOT NULL);\nCREATE UNIQUE INDEX users_key ON users (id);',
      up: 'ALTER TABLE users ADD CONSTRAINT users_key PRIMARY KEY USING INDEX users_key;',
    },
    { before, up: 'ALTER TABLE users ADD CONSTRAINT users_key UNIQUE USING INDEX users_key;' },
  ],
  ask: (at) =>
    partsUnderLock(at, 'ADD CONSTRAINT', 'ADD CONSTRAINT USING INDEX').flatMap(({ part, lock, table }) => {
      const { def } = part.node;
      if (def === undefined || !('Constraint' in def) || def.Constraint.contype !== 'CONSTR_PRIMARY') return [];
      const { indexname } = def.Constraint;
      if (indexname === undefined) return [];
      const index = at.schema.indexesOn(table).find(({ name }) => name.name === indexname);
      const nullable = (index?.columns ?? []).flatMap((name) => {
        const column = name === null ? null : at.schema.column(table, name);
        return column !== null && !column.notNull ? [column.name] : [];
      });
      if (nullable.length === 0) return [];
      return [
        {
          ...(def.Constraint.location === undefined ? {} : { location: def.Constraint.location }),
          message: `${nullable.map(identifier).join(', ')} may be NULL, so the primary key ${lockWords({ ...lock, duration: 'scan' })}`,
          remedy: [
            ...nullable.flatMap((column) => [...notNullSteps(at, table, column), nextMigration(at)]),
            `${at.statement.sql};`,
          ].join('\n'),
        },
      ];
    }),
};
