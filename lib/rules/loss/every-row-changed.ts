import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, n int);';

interface Constant {
  readonly boolval?: { readonly boolval?: boolean };
  readonly ival?: { readonly ival?: number };
  readonly sval?: { readonly sval?: string };
}

const valueOf = (node: object | undefined): string | number | null => {
  if (node === undefined || !('A_Const' in node)) return null;
  const { ival, sval } = node.A_Const as Constant;
  return ival !== undefined ? (ival.ival ?? 0) : (sval?.sval ?? null);
};

const compared = (operator: string, one: string | number, other: string | number): boolean | null => {
  if (typeof one !== typeof other) return null;
  if (operator === '=') return one === other;
  if (operator === '<>') return one !== other;
  if (typeof one === 'string' || typeof other === 'string') return null;
  const compare = { '<': one < other, '>': one > other, '<=': one <= other, '>=': one >= other };
  return compare[operator as keyof typeof compare] ?? null;
};

const columnOf = (node: object | undefined): string | null =>
  node !== undefined && 'ColumnRef' in node ? JSON.stringify((node.ColumnRef as { fields?: unknown }).fields) : null;

/** What a condition is for every row, where that shows from its text; null otherwise. Goes no deeper than anybody writes. */
const truthOf = (node: unknown, depth = 0): boolean | null => {
  if (typeof node !== 'object' || node === null || depth > 50) return null;
  if ('A_Const' in node) {
    const { boolval } = node.A_Const as Constant;
    return boolval === undefined ? null : boolval.boolval === true;
  }
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr as { boolop?: string; args?: unknown[] };
    const truths = args.map((each) => truthOf(each, depth + 1));
    if (boolop === 'NOT_EXPR') return truths[0] === null || truths[0] === undefined ? null : !truths[0];
    const decisive = boolop === 'OR_EXPR';
    if (truths.includes(decisive)) return decisive;
    return truths.includes(null) ? null : !decisive;
  }
  if (!('A_Expr' in node)) return null;
  const { name, lexpr, rexpr } = node.A_Expr as {
    name?: { String?: { sval?: string } }[];
    lexpr?: object;
    rexpr?: object;
  };
  const operator = name?.[0]?.String?.sval ?? '';
  const [left, right] = [valueOf(lexpr), valueOf(rexpr)];
  if (left !== null && right !== null) return compared(operator, left, right);
  // of each row but those where it is NULL
  return operator === '=' && columnOf(lexpr) !== null && columnOf(lexpr) === columnOf(rexpr) ? true : null;
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
    { before, up: 'DELETE FROM users WHERE id = id OR n > 5;' },
    { before, up: 'UPDATE users SET n = 0 WHERE NOT false AND 2 > 1;' },
  ],
  good: [
    { before, up: 'UPDATE users SET n = 0 WHERE n IS NULL;' },
    { before, up: 'DELETE FROM users WHERE true AND id = 1;' },
    { before, up: 'CREATE TEMP TABLE t AS SELECT 1 AS x;\nDELETE FROM t;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    const body = 'UpdateStmt' in node ? node.UpdateStmt : 'DeleteStmt' in node ? node.DeleteStmt : null;
    if (body === null || facts.locks.length === 0) return [];
    const joined =
      'usingClause' in body
        ? (body.usingClause ?? []).length > 0
        : 'fromClause' in body && (body.fromClause ?? []).length > 0;
    if (joined || (body.whereClause !== undefined && truthOf(body.whereClause) !== true)) return [];
    const { schemaname = null, relname = '' } = body.relation ?? {};
    return [
      {
        message: `${facts.kind} of every row of ${sqlName({ schema: schemaname, name: relname })}`,
        remedy: 'add a WHERE that says which rows; large numbers belong in a backfill in batches',
      },
    ];
  },
};
