import type { Rule } from '../rule.ts';
import { lockWords } from '../words.ts';

const before =
  "CREATE TABLE users (id bigint);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";

const enabling = new Set([
  'ENABLE ROW SECURITY',
  'FORCE ROW SECURITY',
  'ENABLE TRIG',
  'ENABLE ALWAYS TRIG',
  'ENABLE TRIG ALL',
]);

export const triggerLocksTable: Rule = {
  id: 'trigger-locks-table',
  group: 'locks',
  severity: 'notice',
  title: 'a trigger or row security is put on a table in use',
  effect:
    'The lock needs a moment only, but it waits for transactions that are open on the table, and what comes after waits behind it. From then on every write runs the trigger, and every query the policy.',
  instead:
    'Do it in a migration of its own, so that the lock ends at once, and try the new cost on production-like volume.',
  source: 'https://www.postgresql.org/docs/17/sql-createtrigger.html',
  sections: ['up'],
  bad: [
    { before, up: 'CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();' },
    { before, up: 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;' },
  ],
  good: [
    {
      before: "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';",
      up: 'CREATE TABLE users (id bigint);\nCREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();',
    },
  ],
  ask: ({ facts, statement: { node } }) => {
    if (!('CreateTrigStmt' in node) && !facts.parts.some(({ kind }) => enabling.has(kind))) return [];
    const [lock] = facts.locks;
    if (lock === undefined) return [];
    return [{ message: `${facts.kind} ${lockWords(lock)}`, remedy: 'put it into a migration of its own' }];
  },
};
