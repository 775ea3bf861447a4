import { blocksWrites, type Lock, type StatementAt } from '../../analysis/index.ts';
import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint);';

/** What a statement asks for, of a script that nobody sets this for. */
export const lockWithout = (name: string, at: StatementAt): Lock | null => {
  if (at.section.script.version !== null) return null;
  const isSet = at.earlier.some(
    ({ statement: { node } }) =>
      'VariableSetStmt' in node && node.VariableSetStmt.name === name && node.VariableSetStmt.kind !== 'VAR_RESET',
  );
  return isSet ? null : (at.facts.locks.find(({ mode }) => blocksWrites(mode)) ?? null);
};

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
        remedy: "SET LOCAL lock_timeout = '1s';",
      },
    ];
  },
};
