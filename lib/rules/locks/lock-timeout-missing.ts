import { blocksWrites, type Lock, type StatementAt } from '../../analysis/index.ts';
import type { Rule } from '../rule.ts';
import { isInTransaction } from '../steps.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint);';

/** Whether a setting is on, by the last statement that speaks of it: SET LOCAL holds in its transaction only, and without one never. */
const isSet = (name: string, at: StatementAt): boolean => {
  const last = at.earlier.findLast(
    (known) =>
      'VariableSetStmt' in known.statement.node &&
      (known.statement.node.VariableSetStmt.name === name ||
        known.statement.node.VariableSetStmt.kind === 'VAR_RESET_ALL') &&
      (known.statement.node.VariableSetStmt.is_local !== true ||
        (known.transaction === at.transaction && isInTransaction(at))),
  );
  if (last === undefined || !('VariableSetStmt' in last.statement.node)) return false;
  const { kind, args = [] } = last.statement.node.VariableSetStmt;
  const [value] = args;
  const isOff =
    value !== undefined &&
    'A_Const' in value &&
    (value.A_Const.ival !== undefined ? (value.A_Const.ival.ival ?? 0) === 0 : value.A_Const.sval?.sval === '0');
  return kind === 'VAR_SET_VALUE' && !isOff;
};

/** What a statement asks for, of a script that nobody sets this for. What works CONCURRENTLY waits for others, and is better not ended. */
export const lockWithout = (name: string, at: StatementAt): Lock | null => {
  const { locks, kind } = at.facts;
  if (at.section.script.version !== null || isSet(name, at)) return null;
  const strong = locks.find(({ mode }) => blocksWrites(mode));
  if (strong !== undefined || kind.includes('CONCURRENTLY')) return strong ?? null;
  return locks.find(({ mode }) => mode === 'SHARE UPDATE EXCLUSIVE') ?? null;
};

/** The SET that holds where the statement stands. */
export const settingFor = (at: StatementAt, name: string, value: string): string =>
  `${isInTransaction(at) ? 'SET LOCAL' : 'SET'} ${name} = '${value}';`;

export const lockTimeoutMissing: Rule = {
  id: 'lock-timeout-missing',
  group: 'locks',
  severity: 'warning',
  title: 'a strong lock is asked for without lock_timeout',
  effect:
    'A lock that is waited for stands in the queue: while it waits behind one long query, everything that comes after waits, too, reads among it. Lockkeeper sets lock_timeout for each migration of its format and tries again; bare SQL in other hands has nobody who does.',
  instead: 'Set `lock_timeout` first, and try again when it runs out.',
  source: 'https://www.postgresql.org/docs/17/runtime-config-client.html#GUC-LOCK-TIMEOUT',
  sections: ['up'],
  bad: [{ before, up: 'ALTER TABLE users ADD COLUMN email text;' }],
  good: [
    {
      before,
      up: "SET LOCAL lock_timeout = '1s';\nALTER TABLE users ADD COLUMN email text;",
    },
    { before, up: 'ALTER TABLE users ADD COLUMN email text;', file: '20260101000000-add-email-to-users.sql' },
    { before, up: 'CREATE TABLE t (id bigint);' },
  ],
  ask: (at) => {
    const lock = lockWithout('lock_timeout', at);
    if (lock === null) return [];
    return [
      {
        message: `${at.facts.kind} asks for ${lock.mode} on ${sqlName(lock.object)} without lock_timeout`,
        remedy: settingFor(at, 'lock_timeout', '1s'),
      },
    ];
  },
};
