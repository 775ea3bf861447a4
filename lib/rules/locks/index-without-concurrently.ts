import { descendantsOf, type QualifiedName, type StatementAt, wordsOfIndex } from '../../analysis/index.ts';
import type { Rule } from '../rule.ts';
import { nextMigration, outsideTransaction } from '../steps.ts';
import { identifier, lockWords, nameOf, sqlName } from '../words.ts';

/** PostgreSQL builds no index of a partitioned table concurrently: the parent's is made empty, and takes the partitions' in. */
const onEachPartition = (at: StatementAt, table: QualifiedName, name: string): string => {
  const { sql } = at.statement;
  const [partition] = descendantsOf(at.schema, table);
  const child = partition === undefined ? '<partition>' : sqlName(partition);
  const childIndex = partition === undefined ? '<its index>' : nameOf([partition.name], 'idx');
  const named = sql.replace(
    /^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:[^\s(]+\s+)?ON\b/i,
    `$1 ${name} ON`,
  );
  const of = (words: string): string => named.replace(/\bON\s+(?:ONLY\s+)?[^\s(]+/i, `ON ${words}`);
  return [
    `${of(`ONLY ${sqlName(table)}`)};`,
    `${nextMigration(at)}, for each partition`,
    outsideTransaction(
      at,
      `${of(child).replace(/^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX)\s+\S+/i, `$1 CONCURRENTLY ${childIndex}`)};`,
      `ALTER INDEX ${name} ATTACH PARTITION ${childIndex};`,
    ),
  ].join('\n');
};

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
  ask: (at) => {
    const { facts, schema, statement } = at;
    if (!('IndexStmt' in statement.node) || statement.node.IndexStmt.concurrent === true) return [];
    const lock = facts.locks.find(({ duration }) => duration === 'build');
    if (lock === undefined) return [];
    const { relation, idxname = '', indexParams = [] } = statement.node.IndexStmt;
    const table = { schema: relation?.schemaname ?? null, name: relation?.relname ?? '' };
    const name = idxname === '' ? nameOf([table.name, ...wordsOfIndex(indexParams)], 'idx') : identifier(idxname);
    const message = `${facts.kind} ${lockWords(lock)}`;
    if (schema.relation(table)?.kind === 'partitioned table')
      return [{ message, remedy: onEachPartition(at, table, name) }];
    // IF NOT EXISTS would take an invalid index for a good one, and without a name nobody finds it
    const sql = statement.sql
      .replace(/^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX)(?:\s+IF\s+NOT\s+EXISTS)?\b/i, '$1 CONCURRENTLY')
      .replace(/^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY)\s+ON\b/i, `$1 ${name} ON`);
    return [{ message, remedy: outsideTransaction(at, `${sql};`) }];
  },
};
