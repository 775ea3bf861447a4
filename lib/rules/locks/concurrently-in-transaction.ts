import type { Rule } from '../rule.ts';
import { isInTransaction, outsideTransaction } from '../steps.ts';

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
  ask: (at) =>
    at.facts.judge === undefined || !isInTransaction(at)
      ? []
      : [
          {
            message: `${at.facts.kind} cannot run in a transaction`,
            remedy: outsideTransaction(at, `${at.statement.sql};`),
          },
        ],
};
