import type { Rule } from '../rule.ts';
import { lockWords } from '../words.ts';

const before =
  'CREATE TABLE sales (day date, amount int);\nCREATE MATERIALIZED VIEW totals AS SELECT day, sum(amount) FROM sales GROUP BY day;\nCREATE UNIQUE INDEX totals_day ON totals (day);';

export const matviewRefreshedUnderLock: Rule = {
  id: 'matview-refreshed-under-lock',
  group: 'locks',
  severity: 'error',
  title: 'a materialized view is refreshed without CONCURRENTLY',
  effect: '`REFRESH MATERIALIZED VIEW` takes ACCESS EXCLUSIVE on the view for the whole query: reads of it wait.',
  instead:
    'Refresh it with `CONCURRENTLY`: reads go on. It needs a unique index over all rows of the view, and the view has to have been filled once.',
  source: 'https://www.postgresql.org/docs/17/sql-refreshmaterializedview.html',
  sections: ['up', 'down'],
  bad: [{ before, up: 'REFRESH MATERIALIZED VIEW totals;' }],
  good: [
    { before, up: 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;' },
    {
      before: 'CREATE TABLE sales (day date);',
      up: 'CREATE MATERIALIZED VIEW days AS SELECT day FROM sales WITH NO DATA;\nREFRESH MATERIALIZED VIEW days;',
    },
  ],
  ask: ({ facts, statement: { node, sql } }) => {
    if (!('RefreshMatViewStmt' in node) || node.RefreshMatViewStmt.concurrent === true) return [];
    const lock = facts.locks.find(({ object }) => object.kind === 'materialized view');
    if (lock === undefined || node.RefreshMatViewStmt.skipData === true) return [];
    return [
      {
        message: `REFRESH MATERIALIZED VIEW ${lockWords(lock)}`,
        remedy: `${sql.replace(/\bMATERIALIZED\s+VIEW\b/i, '$& CONCURRENTLY')};`,
      },
    ];
  },
};
