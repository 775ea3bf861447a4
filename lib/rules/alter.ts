import type { AlterPart, Lock, QualifiedName, StatementAt } from '../analysis/index.ts';

/** The table that an ALTER TABLE names, as written; null for any other statement. */
export const alteredTable = ({ statement: { node } }: StatementAt): QualifiedName | null => {
  if (!('AlterTableStmt' in node)) return null;
  const { schemaname, relname } = node.AlterTableStmt.relation ?? {};
  return relname === undefined ? null : { schema: schemaname ?? null, name: relname };
};

/** The lock that an ALTER TABLE takes on the table it names; null when nobody else can see that table. */
export const lockOfAlter = (at: StatementAt): Lock | null => {
  const table = alteredTable(at);
  if (table === null) return null;
  return at.facts.locks.find(({ object }) => object.name === table.name && object.schema === table.schema) ?? null;
};

/** The parts of these kinds, with the lock they are taken under, of an ALTER TABLE that others can wait for. */
export const partsUnderLock = (
  at: StatementAt,
  ...kinds: readonly string[]
): readonly { readonly part: AlterPart; readonly lock: Lock; readonly table: QualifiedName }[] => {
  const [table, lock] = [alteredTable(at), lockOfAlter(at)];
  if (table === null || lock === null) return [];
  return at.facts.parts
    .filter(({ kind }) => kinds.includes(kind))
    .map((part) => ({ part, lock: { ...lock, mode: part.mode, duration: part.duration }, table }));
};
