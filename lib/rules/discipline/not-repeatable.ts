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
  title: 'a second run of the statement would fail',
  effect:
    'Lockkeeper never runs a statement twice. By hand, or where the object was made before the ledger, the second run stops with "already exists" or "does not exist".',
  instead:
    'Write `IF NOT EXISTS` or `IF EXISTS` where it is honest. It is not for a concurrent index: one that is there may be invalid.',
  source: 'https://www.postgresql.org/docs/17/sql-createtable.html',
  sections: ['up'],
  bad: [
    { before: '', up: 'CREATE TABLE t (id bigint);' },
    { before, up: 'ALTER TABLE users ADD COLUMN phone text;' },
    { before, up: 'DROP TABLE users;' },
  ],
  good: [
    { before: '', up: 'CREATE TABLE IF NOT EXISTS t (id bigint);' },
    { before, up: 'CREATE INDEX CONCURRENTLY i ON users (email);', transaction: false },
    {
      before,
      up: 'ALTER TABLE users DROP CONSTRAINT IF EXISTS c;\nALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);',
    },
  ],
  ask: ({ facts, earlier, statement: { sql } }) => {
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
