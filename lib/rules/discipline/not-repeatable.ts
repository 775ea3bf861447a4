import type { Rule } from '../rule.ts';

const before = 'CREATE TABLE users (id bigint, email text);';

/** Where IF [NOT] EXISTS would hide something: a concurrent index that is there may be invalid. */
const honest = (kind: string): boolean =>
  !kind.includes('CONCURRENTLY') && !/CREATE (OR REPLACE )?(FUNCTION|TRIGGER|POLICY)/.test(kind);

const withGuard = (sql: string): string =>
  sql
    .replace(
      /^(\s*CREATE\s+(?:UNLOGGED\s+|TEMP(?:ORARY)?\s+)?(?:TABLE|SCHEMA|SEQUENCE|EXTENSION|(?:UNIQUE\s+)?INDEX|MATERIALIZED\s+VIEW)\s+)(?!IF\b)/i,
      '$1IF NOT EXISTS ',
    )
    .replace(
      /^(\s*DROP\s+(?:TABLE|INDEX|VIEW|MATERIALIZED\s+VIEW|SEQUENCE|SCHEMA|TYPE|DOMAIN|FUNCTION|EXTENSION)\s+)(?!IF\b)/i,
      '$1IF EXISTS ',
    )
    .replace(/\b(ADD\s+COLUMN\s+)(?!IF\b)/gi, '$1IF NOT EXISTS ')
    .replace(/\b(DROP\s+(?:COLUMN|CONSTRAINT)\s+)(?!IF\b)/gi, '$1IF EXISTS ');

export const notRepeatable: Rule = {
  id: 'not-repeatable',
  group: 'discipline',
  severity: 'notice',
  title: 'a second run of a statement outside a transaction would fail',
  effect:
    'Outside a transaction each statement stays when a later one fails. Lockkeeper keeps count and never runs one twice; by hand, or with another tool, the second run stops at what the first one did: "already exists", "does not exist".',
  instead:
    'Write `IF NOT EXISTS` or `IF EXISTS` where it is honest. It is not for a concurrent index: one that is there may be invalid.',
  source: 'https://www.postgresql.org/docs/17/sql-createtable.html',
  sections: ['up'],
  bad: [
    { before: '', up: 'CREATE TABLE t (id bigint);', transaction: false },
    { before, up: 'ALTER TABLE users ADD COLUMN phone text;', transaction: false },
    { before, up: 'DROP TABLE users;', transaction: false },
  ],
  good: [
    { before: '', up: 'CREATE TABLE IF NOT EXISTS t (id bigint);', transaction: false },
    { before: '', up: 'CREATE TABLE t (id bigint);' },
    { before: '', up: 'BEGIN;\nCREATE TABLE t (id bigint);\nCOMMIT;', transaction: false },
    { before, up: 'CREATE INDEX CONCURRENTLY i ON users (email);', transaction: false },
    {
      before,
      up: 'ALTER TABLE users DROP CONSTRAINT IF EXISTS c;\nALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);',
      transaction: false,
    },
  ],
  ask: ({ facts, earlier, section, transaction, statement: { sql } }) => {
    const begun = earlier.some(
      (known) => known.transaction === transaction && 'TransactionStmt' in known.statement.node,
    );
    if (section.transactional || begun) return [];
    if (!facts.rerunFails || !honest(facts.kind)) return [];
    const made = facts.objects
      .filter(({ role, kind }) => role === 'created' && kind === 'constraint')
      .map(({ part }) => part);
    const lastOf = (name: string | undefined): string | undefined =>
      earlier
        .flatMap((known) => known.facts.objects)
        .findLast(({ kind, part }) => kind === 'constraint' && part === name)?.role;
    if (made.length > 0 && made.every((name) => lastOf(name) === 'dropped')) return [];
    const guarded = withGuard(sql);
    return [
      {
        message: `a second run of ${facts.kind} fails`,
        remedy:
          guarded === sql ? 'guard it with what it is about: IF EXISTS, or a look into the catalogue' : `${guarded};`,
      },
    ];
  },
};
