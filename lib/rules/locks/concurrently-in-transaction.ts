import type { Rule } from '../rule.ts';

export const concurrentlyInTransaction: Rule = {
  id: 'concurrently-in-transaction',
  group: 'locks',
  severity: 'error',
  title: 'a statement that cannot run in a transaction stands in one',
  effect: 'PostgreSQL refuses it: "cannot run inside a transaction block". The migration fails, whatever the data.',
  instead: 'Mark the section `transaction:false` and leave the statement alone in it.',
  source: 'https://www.postgresql.org/docs/17/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
  sections: ['up', 'down'],
  bad: [{ before: 'CREATE TABLE t (a int);', up: 'CREATE INDEX CONCURRENTLY t_a ON t (a);' }],
  good: [{ before: 'CREATE TABLE t (a int);', up: 'CREATE INDEX CONCURRENTLY t_a ON t (a);', transaction: false }],
  ask: ({ facts, section, statement: { sql }, transaction, earlier }) => {
    if (facts.judge === undefined) return [];
    const opened = earlier.some(
      (known) => known.transaction === transaction && 'TransactionStmt' in known.statement.node,
    );
    if (!section.transactional && !opened) return [];
    return [
      {
        message: `${facts.kind} cannot run in a transaction`,
        remedy: `-- migrate:${section.name} transaction:false\n${sql};`,
      },
    ];
  },
};
