import type { Rule } from '../rule.ts';
import { outsideTransaction } from '../steps.ts';
import { lockWords } from '../words.ts';

export const reindexWithoutConcurrently: Rule = {
  id: 'reindex-without-concurrently',
  group: 'locks',
  severity: 'error',
  title: 'an index is rebuilt without CONCURRENTLY',
  effect:
    '`REINDEX` takes SHARE on the table and ACCESS EXCLUSIVE on each index for the whole rebuild: writes wait, and so does every query that the planner would give that index.',
  instead: 'Rebuild it with `REINDEX … CONCURRENTLY` in a migration of its own with `transaction:false`.',
  source: 'https://www.postgresql.org/docs/17/sql-reindex.html#SQL-REINDEX-CONCURRENTLY',
  sections: ['up', 'down'],
  bad: [
    {
      before: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);',
      up: 'REINDEX INDEX users_email_idx;',
    },
    { before: 'CREATE TABLE users (email text PRIMARY KEY);', up: 'REINDEX TABLE users;' },
  ],
  good: [
    {
      before: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);',
      up: 'REINDEX INDEX CONCURRENTLY users_email_idx;',
      transaction: false,
    },
  ],
  ask: (at) => {
    const {
      facts,
      statement: { node, sql },
    } = at;
    if (!('ReindexStmt' in node) || facts.kind.includes('CONCURRENTLY')) return [];
    const [lock] = facts.locks;
    const effect = lock === undefined ? 'locks what it rebuilds until it is done' : lockWords(lock);
    return [
      {
        message: `${facts.kind} ${effect}`,
        remedy:
          node.ReindexStmt.kind === 'REINDEX_OBJECT_SYSTEM'
            ? 'the indexes of the catalogue cannot be rebuilt concurrently; rebuild those of your tables, REINDEX TABLE CONCURRENTLY <table>'
            : outsideTransaction(
                at,
                `${sql.replace(/^\s*REINDEX\s*(?:\([^)]*\)\s*)?(INDEX|TABLE|SCHEMA|DATABASE)\b/i, 'REINDEX $1 CONCURRENTLY')};`,
              ),
      },
    ];
  },
};
