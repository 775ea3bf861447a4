import type { Rule } from '../rule.ts';
import { lockWords } from '../words.ts';

const before = 'CREATE TABLE events (id bigint PRIMARY KEY);';
/** What rewrites a table as its purpose; the rules for columns and types look at the other parts of ALTER TABLE. */
const rewriting = new Set(['SET TABLESPACE', 'SET LOGGED', 'SET UNLOGGED', 'SET ACCESS METHOD']);

export const tableRewritten: Rule = {
  id: 'table-rewritten',
  group: 'locks',
  severity: 'error',
  title: 'a table is written anew under ACCESS EXCLUSIVE',
  effect:
    '`VACUUM FULL`, `CLUSTER`, `SET TABLESPACE`, `SET LOGGED`, `SET UNLOGGED` and `SET ACCESS METHOD` copy the whole table while reads and writes of it wait.',
  instead:
    'Plain `VACUUM` frees room for new rows and blocks nobody. To give room back, or to move a table, use pg_repack, which Aurora has as an extension; or move the rows into a new table in a backfill.',
  source: 'https://www.postgresql.org/docs/17/routine-vacuuming.html#VACUUM-FOR-SPACE-RECOVERY',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'VACUUM FULL events;', transaction: false },
    { before, up: 'CLUSTER events USING events_pkey;' },
    { before, up: 'ALTER TABLE events SET UNLOGGED;' },
  ],
  good: [
    { before, up: 'VACUUM events;', transaction: false },
    { before: '', up: 'CREATE TABLE events (id bigint PRIMARY KEY);\nALTER TABLE events SET UNLOGGED;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    const whole = 'VacuumStmt' in node || 'ClusterStmt' in node;
    if (!whole && !facts.parts.some(({ kind }) => rewriting.has(kind))) return [];
    const lock = facts.locks.find(({ duration }) => duration === 'rewrite');
    const everything = whole && lock === undefined && (facts.kind === 'VACUUM FULL' || facts.kind === 'CLUSTER');
    if (lock === undefined && !everything) return [];
    return [
      {
        message: `${facts.kind} ${lock === undefined ? 'writes tables anew while reads and writes of them wait' : lockWords(lock)}`,
        remedy:
          facts.kind === 'VACUUM FULL'
            ? 'VACUUM (ANALYZE) …; or pg_repack'
            : 'use pg_repack, or move the rows into a new table in a backfill',
      },
    ];
  },
};
