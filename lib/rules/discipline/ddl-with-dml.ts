import type { Rule } from '../rule.ts';

const before = 'CREATE TABLE users (id bigint, state text);';

export const ddlWithDml: Rule = {
  id: 'ddl-with-dml',
  group: 'discipline',
  severity: 'warning',
  title: 'schema and rows are changed in one migration',
  effect:
    'The lock of the schema change is held until the last row is written, and the two cannot be taken back apart: when the rows fail, the schema goes back, too.',
  instead: 'Write two migrations: first the schema, then the rows; many rows as a backfill.',
  source: 'https://www.postgresql.org/docs/17/explicit-locking.html#LOCKING-TABLES',
  sections: ['up'],
  bad: [
    { before, up: "ALTER TABLE users ADD COLUMN email text;\nUPDATE users SET state = 'old' WHERE state IS NULL;" },
  ],
  good: [
    { before, up: "UPDATE users SET state = 'old' WHERE state IS NULL;" },
    { before: '', up: "CREATE TABLE states (name text);\nINSERT INTO states VALUES ('new'), ('old');" },
  ],
  ask: ({ facts, earlier, transaction }) => {
    const writesOld = (known: typeof facts): boolean =>
      known.class === 'dml' &&
      known.objects.some(({ role, isNew, kind }) => role === 'written' && !isNew && kind === 'table');
    const altersOld = (known: typeof facts): boolean => known.class === 'ddl' && known.locks.length > 0;
    const together = earlier.filter((known) => known.transaction === transaction);
    const other = writesOld(facts)
      ? together.find((known) => altersOld(known.facts))
      : altersOld(facts)
        ? together.find((known) => writesOld(known.facts))
        : undefined;
    if (other === undefined) return [];
    const isFirst = !together.some(
      (known) =>
        known !== other && known.facts.class === facts.class && (writesOld(known.facts) || altersOld(known.facts)),
    );
    if (!isFirst) return [];
    return [
      {
        message: `${facts.kind} stands in one transaction with ${other.facts.kind} of line ${other.statement.place.line}`,
        remedy: 'put the rows into a migration of their own, after the schema',
      },
    ];
  },
};
