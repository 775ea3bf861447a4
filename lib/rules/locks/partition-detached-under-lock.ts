import { partsUnderLock } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { outsideTransaction } from '../steps.ts';
import { lockWords } from '../words.ts';

const before =
  "CREATE TABLE log (at date) PARTITION BY RANGE (at);\nCREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";

export const partitionDetachedUnderLock: Rule = {
  id: 'partition-detached-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'a partition is detached without CONCURRENTLY',
  effect:
    '`DETACH PARTITION` takes ACCESS EXCLUSIVE on the partitioned table: it waits for every query that runs on any partition, and all that come after wait behind it.',
  instead: 'Detach it `CONCURRENTLY` in a migration of its own with `transaction:false`.',
  source: 'https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION',
  sections: ['up', 'down'],
  bad: [{ before, up: 'ALTER TABLE log DETACH PARTITION log_2024;' }],
  good: [
    { before, up: 'ALTER TABLE log DETACH PARTITION log_2024 CONCURRENTLY;', transaction: false },
    {
      before: '',
      up: 'CREATE TABLE p (x int) PARTITION BY LIST (x);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\nALTER TABLE p DETACH PARTITION p1;',
    },
  ],
  ask: (at) =>
    partsUnderLock(at, 'DETACH PARTITION').map(({ lock }) => ({
      message: `DETACH PARTITION ${lockWords(lock)}, and waits itself for every query that runs`,
      remedy: outsideTransaction(at, `${at.statement.sql} CONCURRENTLY;`),
    })),
};
