import type { Rule } from '../rule.ts';

export const databaseDropped: Rule = {
  id: 'database-dropped',
  group: 'loss',
  severity: 'error',
  title: 'DROP DATABASE',
  effect: 'A database with everything in it is gone. No migration can do this on purpose.',
  instead: 'Delete the database by hand, after a snapshot.',
  source: 'https://www.postgresql.org/docs/17/sql-dropdatabase.html',
  sections: ['up', 'down'],
  bad: [{ before: '', up: 'DROP DATABASE shop;', transaction: false }],
  good: [{ before: 'CREATE SCHEMA shop;', up: "COMMENT ON SCHEMA shop IS 'drop database';" }],
  ask: ({ statement: { node } }) =>
    'DropdbStmt' in node
      ? [{ message: `DROP DATABASE ${node.DropdbStmt.dbname ?? ''} takes everything in it`, remedy: 'take it out' }]
      : [],
};
