import type { QualifiedName, StatementAt } from '../analysis/index.ts';
import { identifier, nameOf, sqlName } from './words.ts';

/** Whether a statement runs in a transaction block: its section's, or one that a bare file opens. */
export const isInTransaction = ({ section, earlier, transaction }: StatementAt): boolean =>
  section.transactional ||
  earlier.some((known) => known.transaction === transaction && 'TransactionStmt' in known.statement.node);

/** Statements to be run outside a transaction, in the section where the statement stands. */
export const outsideTransaction = (
  { section: { script, name } }: StatementAt,
  ...statements: readonly string[]
): string =>
  [script.version === null ? '-- outside a transaction' : `-- migrate:${name} transaction:false`, ...statements].join(
    '\n',
  );

/** What stands between two steps that are migrations of their own. */
export const nextMigration = ({ section }: StatementAt): string =>
  section.name === 'up' ? '-- and in the next migration' : '-- and in a new migration, after the rollback';

/** Makes a column NOT NULL without reading it under a strong lock; the last two are instant and may stand together. */
export const notNullSteps = (at: StatementAt, table: QualifiedName, column: string): string[] => {
  const name = nameOf([table.name, column], 'not_null');
  return [
    `ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} CHECK (${identifier(column)} IS NOT NULL) NOT VALID;`,
    nextMigration(at),
    `ALTER TABLE ${sqlName(table)} VALIDATE CONSTRAINT ${name};`,
    nextMigration(at),
    `ALTER TABLE ${sqlName(table)} ALTER COLUMN ${identifier(column)} SET NOT NULL;`,
    `ALTER TABLE ${sqlName(table)} DROP CONSTRAINT ${name};`,
  ];
};
