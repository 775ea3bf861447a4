import { lockWords } from '../words.ts';
import type { Rule } from '../rule.ts';

export const indexDroppedWithoutConcurrently: Rule = {
  id: 'index-dropped-without-concurrently',
  group: 'locks',
  severity: 'error',
  title: 'an index is dropped without CONCURRENTLY',
  effect:
    '`DROP INDEX` takes ACCESS EXCLUSIVE on the table. It needs only a moment, but it waits for every query that runs, and everything that comes after waits behind it.',
  instead: 'Drop it with `DROP INDEX CONCURRENTLY` in a migration of its own with `transaction:false`.',
  source: 'https://www.postgresql.org/docs/17/sql-dropindex.html',
  sections: ['up', 'down'],
  bad: [
    {
      before: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);',
      up: 'DROP INDEX users_email_idx;',
    },
  ],
  good: [
    {
      before: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);',
      up: 'DROP INDEX CONCURRENTLY users_email_idx;',
      transaction: false,
    },
    {
      before: '',
      up: 'CREATE TABLE users (email text);\nCREATE INDEX users_email_idx ON users (email);\nDROP INDEX users_email_idx;',
    },
  ],
  ask: ({ facts, statement: { node, sql } }) => {
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX' || node.DropStmt.concurrent === true)
      return [];
    const [index] = facts.locks;
    if (index === undefined) return [];
    const table = facts.locks.find(({ object }) => object.kind !== 'index') ?? index;
    return [
      {
        message: `DROP INDEX ${lockWords(table)}, and waits itself for every query that runs`,
        remedy: `-- migrate:up transaction:false\n${sql.replace(/^\s*DROP\s+INDEX\b/i, '$& CONCURRENTLY')};`,
      },
    ];
  },
};
