import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

export const truncateCascades: Rule = {
  id: 'truncate-cascades',
  group: 'loss',
  severity: 'error',
  title: 'TRUNCATE … CASCADE',
  effect:
    'Every table with a foreign key to this one is emptied, too, and those that refer to them: no list, no question.',
  instead: 'Name each table that is to be emptied: `TRUNCATE a, b`. PostgreSQL refuses when one is missing.',
  source: 'https://www.postgresql.org/docs/17/sql-truncate.html',
  sections: ['up', 'down'],
  bad: [{ before: 'CREATE TABLE a (id bigint PRIMARY KEY);', up: 'TRUNCATE a CASCADE;' }],
  good: [
    {
      before: 'CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (a bigint REFERENCES a (id));',
      up: 'TRUNCATE a, b;',
    },
  ],
  ask: ({ statement: { node }, facts: { objects } }) =>
    'TruncateStmt' in node && node.TruncateStmt.behavior === 'DROP_CASCADE'
      ? [
          {
            message: 'TRUNCATE … CASCADE empties every table that refers to these, named or not',
            // as far as the changelog knows; PostgreSQL refuses when one is missing
            remedy: `TRUNCATE ${objects.map(sqlName).join(', ')}${node.TruncateStmt.restart_seqs === true ? ' RESTART IDENTITY' : ''};`,
          },
        ]
      : [],
};
