import { lockWords } from '../words.ts';
import type { Rule } from '../rule.ts';

export const indexWithoutConcurrently: Rule = {
  id: 'index-without-concurrently',
  group: 'locks',
  severity: 'error',
  title: 'an index is built without CONCURRENTLY',
  effect:
    '`CREATE INDEX` takes a SHARE lock on the table until the transaction ends. Every INSERT, UPDATE and DELETE waits for the whole build.',
  instead:
    'Build it with `CREATE INDEX CONCURRENTLY` in a migration of its own with `transaction:false`. It reads the table twice and blocks nobody; Lockkeeper waits for it without a Lambda and judges it by `indisvalid`.',
  source: 'https://www.postgresql.org/docs/17/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
  sections: ['up', 'down'],
  bad: [{ before: 'CREATE TABLE users (email text);', up: 'CREATE INDEX users_email_idx ON users (email);' }],
  good: [
    {
      before: 'CREATE TABLE users (email text);',
      up: 'CREATE INDEX CONCURRENTLY users_email_idx ON users (email);',
      transaction: false,
    },
    { before: '', up: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);' },
  ],
  ask: ({ facts, statement }) => {
    if (!('IndexStmt' in statement.node) || statement.node.IndexStmt.concurrent === true) return [];
    const lock = facts.locks.find(({ duration }) => duration === 'build');
    if (lock === undefined) return [];
    return [
      {
        message: `${facts.kind} ${lockWords(lock)}`,
        remedy: `-- migrate:up transaction:false\n${statement.sql.replace(/^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX)\b/i, '$1 CONCURRENTLY')};`,
      },
    ];
  },
};
