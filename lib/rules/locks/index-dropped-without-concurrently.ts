import type { Rule } from '../rule.ts';
import { outsideTransaction } from '../steps.ts';
import { lockWords, sqlName } from '../words.ts';

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
  ask: (at) => {
    const { facts, schema, statement } = at;
    const { node } = statement;
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX' || node.DropStmt.concurrent === true)
      return [];
    const [index] = facts.locks;
    if (index === undefined) return [];
    const table = facts.locks.find(({ object }) => object.kind !== 'index') ?? index;
    const guard = node.DropStmt.missing_ok === true ? 'IF EXISTS ' : '';
    const names = facts.objects.map(({ schema: of, name }) => ({ schema: of, name }));
    const isPartitioned = names.some((name) => {
      const known = schema.index(name);
      return known !== null && schema.relation(known.table)?.kind === 'partitioned table';
    });
    return [
      {
        message: `DROP INDEX ${lockWords(table)}, and waits itself for every query that runs`,
        remedy: isPartitioned
          ? 'the index of a partitioned table cannot be dropped concurrently: drop it alone in its migration, in a quiet hour, and say so with -- lockkeeper:allow'
          : // one index a statement, and no CASCADE
            outsideTransaction(at, ...names.map((name) => `DROP INDEX CONCURRENTLY ${guard}${sqlName(name)};`)),
      },
    ];
  },
};
