import { blocksReads } from '../../analysis/index.ts';
import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (id bigint, n int);\nCREATE TABLE log (id bigint);';

export const lockHeldOverWork: Rule = {
  id: 'lock-held-over-work',
  group: 'locks',
  severity: 'warning',
  title: 'something long runs while an earlier statement holds ACCESS EXCLUSIVE',
  effect:
    'Locks are held until the transaction ends. A statement that reads, writes or builds for long after an `ALTER TABLE` keeps that table shut for its whole time, though it needed the lock for a moment only.',
  instead: 'Put the two into migrations of their own: each is a transaction of its own, and the lock ends with it.',
  source: 'https://www.postgresql.org/docs/17/explicit-locking.html#LOCKING-TABLES',
  sections: ['up', 'down'],
  bad: [
    { before, up: 'ALTER TABLE users ADD COLUMN email text;\nUPDATE log SET id = id + 1;' },
    { before, up: 'ALTER TABLE users ADD COLUMN email text;\nSELECT count(*) FROM users;' },
  ],
  good: [
    { before, up: 'ALTER TABLE users ADD COLUMN email text;\nALTER TABLE users ADD COLUMN phone text;' },
    { before, up: 'CREATE TABLE t (id bigint);\nINSERT INTO t VALUES (1);' },
  ],
  ask: ({ facts, earlier, transaction, statement: { node } }) => {
    const long =
      facts.locks.some(({ duration }) => duration !== 'instant') ||
      ('SelectStmt' in node && facts.objects.some(({ role, isNew }) => role === 'read' && !isNew));
    if (!long) return [];
    const holder = earlier.find(
      (known) =>
        known.transaction === transaction &&
        known.facts.class === 'ddl' &&
        known.facts.locks.some(({ mode, object }) => blocksReads(mode) && object.kind !== 'index'),
    );
    const held = holder?.facts.locks.find(({ mode }) => blocksReads(mode));
    if (holder === undefined || held === undefined) return [];
    return [
      {
        message: `${facts.kind} runs while ${holder.facts.kind} of line ${holder.statement.place.line} holds ${held.mode} on ${sqlName(held.object)}: reads and writes of it wait that long`,
        remedy: 'put this statement into a migration of its own',
      },
    ];
  },
};
