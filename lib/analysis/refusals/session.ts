import type { RefusalTable } from './refusal.ts';

const settingNameOf = (name: string | undefined): string => name ?? 'ALL';

/** CURSOR_OPT_HOLD of PostgreSQL's parsenodes.h. */
const withHold = 0x20;

/** Settings with which the next run could not begin, write, or find what it names. */
const standing = new Set([
  'role',
  'session_authorization',
  'search_path',
  'session_replication_role',
  'default_transaction_read_only',
  'default_transaction_isolation',
  'default_transaction_deferrable',
  'statement_timeout',
  'lock_timeout',
  'transaction_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
]);

const standingRefusal = (words: string, kind: string | undefined, name: string | undefined): string | null =>
  kind?.startsWith('VAR_SET') === true && standing.has((name ?? '').toLowerCase())
    ? `${words} … SET ${name} would hold for the next run as well; name the application's role instead: ALTER ROLE app SET ${name}`
    : null;

/**
 * What would outlive the migration in a pooled connection, or end its transaction.
 * A call of the Data API may land on any connection: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.limitations.html
 */
export const sessionRefusals: RefusalTable = {
  TransactionStmt: ({ kind }) => {
    const words = (kind ?? '').replace('TRANS_STMT_', '').replaceAll('_', ' ');
    return `${words} is not for a migration: each runs in a transaction of its own with its ledger row; only one BEGIN … COMMIT around a whole section is accepted, and dropped`;
  },
  VariableSetStmt: ({ kind, name, is_local: isLocal }, { transactional }) => {
    if (name === 'TRANSACTION' || name === 'TRANSACTION SNAPSHOT')
      return 'SET TRANSACTION comes too late, the transaction has begun with the ledger row; take it out';
    if (name === 'SESSION CHARACTERISTICS') return 'SET SESSION CHARACTERISTICS outlives the migration; take it out';
    if (name === 'role' || name === 'session_authorization')
      return `SET ${name === 'role' ? 'ROLE' : 'SESSION AUTHORIZATION'} would write the ledger as another role; grant the rights to the migrating role, or use ALTER … OWNER TO`;
    if (kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL')
      return `RESET ${settingNameOf(name)} reaches beyond the migration; use SET LOCAL, which ends with it`;
    if (isLocal !== true)
      return `SET ${settingNameOf(name)} outlives the migration; ${transactional ? `write SET LOCAL ${settingNameOf(name)}` : 'take it out, outside a transaction nothing can be set for it alone'}`;
    return transactional ? null : `SET LOCAL ${settingNameOf(name)} has no effect outside a transaction; take it out`;
  },
  AlterRoleSetStmt: ({ role, setstmt }) =>
    role === undefined || role.roletype !== 'ROLESPEC_CSTRING'
      ? standingRefusal('ALTER ROLE', setstmt?.kind, setstmt?.name)
      : null,
  AlterDatabaseSetStmt: ({ setstmt }) => standingRefusal('ALTER DATABASE', setstmt?.kind, setstmt?.name),
  DeclareCursorStmt: ({ options = 0 }) =>
    (options & withHold) === 0
      ? null
      : 'DECLARE … WITH HOLD leaves a cursor in a session that others use; leave WITH HOLD out',
  DiscardStmt: () => 'DISCARD clears a session that others use; take it out',
  ListenStmt: () => 'LISTEN belongs to a session, and a migration has none of its own; take it out',
  UnlistenStmt: () => 'UNLISTEN belongs to a session, and a migration has none of its own; take it out',
  PrepareStmt: () => 'PREPARE outlives the migration in a session that others use; write the statement itself',
  ExecuteStmt: () => 'EXECUTE runs a prepared statement, which a migration cannot have; write the statement itself',
  DeallocateStmt: () => 'DEALLOCATE belongs to a session, and a migration has none of its own; take it out',
  LoadStmt: () => 'LOAD changes one session only; use shared_preload_libraries in the parameter group',
};
