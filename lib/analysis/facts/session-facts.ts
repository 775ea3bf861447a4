import type { FactsTable, PartialFacts } from './facts.ts';

const word = (kind: string | undefined): string => (kind ?? '').replace('TRANS_STMT_', '').replaceAll('_', ' ');

const ofSession = (kind: string): PartialFacts => ({ kind, class: 'other' });
const alone = (kind: string, more: Partial<PartialFacts> = {}): PartialFacts => ({
  kind,
  class: 'ddl',
  judge: { by: 'repeat' },
  ...more,
});

/**
 * What concerns the session, the transaction or the whole server. Migrations may hold none of it; bare files of other tools do.
 * Which of it PostgreSQL refuses in a transaction block is said on each command's page, e.g.
 * https://www.postgresql.org/docs/17/sql-dropdatabase.html
 */
export const sessionFacts: FactsTable = {
  TransactionStmt: ({ kind }) => ofSession(word(kind)),
  PrepareStmt: () => ofSession('PREPARE'),
  ExecuteStmt: () => ({ ...ofSession('EXECUTE'), loss: 'unknown', lossOf: 'old', hidden: true }),
  DeallocateStmt: () => ofSession('DEALLOCATE'),
  DiscardStmt: () => ofSession('DISCARD'),
  ListenStmt: () => ofSession('LISTEN'),
  UnlistenStmt: () => ofSession('UNLISTEN'),
  LoadStmt: () => ({ ...ofSession('LOAD'), loss: 'unknown', lossOf: 'old', hidden: true }),
  CheckPointStmt: () => ofSession('CHECKPOINT'),
  CreatedbStmt: ({ dbname = '' }) =>
    alone('CREATE DATABASE', {
      objects: [{ kind: 'database', schema: null, name: dbname, role: 'created', isNew: true }],
      rerunFails: true,
    }),
  DropdbStmt: ({ dbname = '', missing_ok: missingOk }) =>
    alone('DROP DATABASE', {
      objects: [{ kind: 'database', schema: null, name: dbname, role: 'dropped', isNew: false }],
      loss: 'data',
      lossOf: 'old',
      rerunFails: missingOk !== true,
    }),
  AlterDatabaseStmt: () => ({ kind: 'ALTER DATABASE', class: 'ddl' }),
  AlterDatabaseRefreshCollStmt: () => ({ kind: 'ALTER DATABASE REFRESH COLLATION VERSION', class: 'ddl' }),
  AlterSystemStmt: () => alone('ALTER SYSTEM'),
  CreateTableSpaceStmt: () => alone('CREATE TABLESPACE', { rerunFails: true }),
  // PostgreSQL drops an empty one only
  DropTableSpaceStmt: () => alone('DROP TABLESPACE', { loss: 'recoverable', rerunFails: true }),
  AlterTableSpaceOptionsStmt: () => ({ kind: 'ALTER TABLESPACE SET', class: 'ddl' }),
  // every table in the tablespace is written anew; which ones stands in the catalogue only
  AlterTableMoveAllStmt: () => ({ kind: 'ALTER ALL IN TABLESPACE', class: 'ddl' }),
  CreateSubscriptionStmt: () => alone('CREATE SUBSCRIPTION', { rerunFails: true }),
  AlterSubscriptionStmt: () => ({ kind: 'ALTER SUBSCRIPTION', class: 'ddl' }),
  DropSubscriptionStmt: () => alone('DROP SUBSCRIPTION', { loss: 'recoverable', rerunFails: true }),
};
