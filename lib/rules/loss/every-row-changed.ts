import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, n int);';

/** A side of a comparison without its place in the text. */
const bare = (side: object): string =>
  JSON.stringify(side, (key, value: unknown) => (key === 'location' ? undefined : value));

const isAlwaysTrue = (node: unknown): boolean => {
  if (typeof node !== 'object' || node === null) return false;
  if ('A_Const' in node) return (node.A_Const as { boolval?: { boolval?: boolean } }).boolval?.boolval === true;
  if (!('A_Expr' in node)) return false;
  const { name, lexpr, rexpr } = node.A_Expr as {
    name?: { String?: { sval?: string } }[];
    lexpr?: object;
    rexpr?: object;
  };
  if (name?.[0]?.String?.sval !== '=' || lexpr === undefined || rexpr === undefined) return false;
  return 'A_Const' in lexpr && 'A_Const' in rexpr && bare(lexpr) === bare(rexpr);
};

export const everyRowChanged: Rule = {
  id: 'every-row-changed',
  group: 'loss',
  severity: 'error',
  title: 'UPDATE or DELETE of every row',
  effect:
    'Each row is locked until the transaction ends, each old value is gone, and the table grows by as much again. Writers of the same rows wait.',
  instead:
    'Write a backfill: batches with a WHERE, each a transaction of its own; or TRUNCATE, where really all rows are to go.',
  source: 'https://www.postgresql.org/docs/17/mvcc-intro.html',
  sections: ['up'],
  bad: [
    { before, up: 'UPDATE users SET n = 0;' },
    { before, up: 'DELETE FROM users;' },
    { before, up: 'DELETE FROM users WHERE 1 = 1;' },
  ],
  good: [
    { before, up: 'UPDATE users SET n = 0 WHERE n IS NULL;' },
    { before, up: 'CREATE TEMP TABLE t AS SELECT 1 AS x;\nDELETE FROM t;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    const body = 'UpdateStmt' in node ? node.UpdateStmt : 'DeleteStmt' in node ? node.DeleteStmt : null;
    if (body === null || facts.locks.length === 0) return [];
    const joined =
      'usingClause' in body
        ? (body.usingClause ?? []).length > 0
        : 'fromClause' in body && (body.fromClause ?? []).length > 0;
    if (joined || (body.whereClause !== undefined && !isAlwaysTrue(body.whereClause))) return [];
    const { schemaname = null, relname = '' } = body.relation ?? {};
    return [
      {
        message: `${facts.kind} of every row of ${sqlName({ schema: schemaname, name: relname })}`,
        remedy: 'add a WHERE that says which rows; large numbers belong in a backfill in batches',
      },
    ];
  },
};
