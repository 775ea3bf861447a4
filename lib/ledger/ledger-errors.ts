import { LockkeeperError } from '../errors/index.ts';

/** The SQLSTATE of a statement that PostgreSQL refused; undefined for any other error. */
export const sqlstateOf = (error: unknown): string | undefined =>
  error instanceof LockkeeperError && error.code === 'StatementFailed' ? String(error.details['sqlstate']) : undefined;

/** What a refusal of one of the ledger's own statements means; any other error as it is. Class LK is the routines' own. */
export const ledgerError = (error: unknown, schema: string): unknown => {
  const sqlstate = sqlstateOf(error);
  const message = error instanceof Error ? error.message : '';
  const details = { schema, sqlstate };
  switch (sqlstate) {
    case '3F000':
    case '42P01':
    case '42883':
      return new LockkeeperError('LedgerAbsent', `there is no ledger in schema ${schema}`, {
        details: { ...details, installed: null },
        cause: error,
      });
    case '55P03':
      return new LockkeeperError('LockTimeout', `a call that still runs holds the ledger in schema ${schema}`, {
        details,
        cause: error,
      });
    case 'LK003':
      return new LockkeeperError('LedgerTampered', message, { details, cause: error });
    case 'LK004':
      return new LockkeeperError('MigrationIrreversible', message, { details, cause: error });
    case 'LK005':
      return new LockkeeperError('LedgerNewer', message, { details, cause: error });
    case 'LK006':
      return new LockkeeperError('SessionUnfit', message, { details, cause: error });
    case 'LK007':
      return new LockkeeperError('PlanChanged', message, { details, cause: error });
    default:
      return error;
  }
};

/** What it means that the installation could not begin a transaction of its own. */
export const unfitSession = (cause: unknown): LockkeeperError =>
  new LockkeeperError(
    'SessionUnfit',
    'sessions begin with transactions that are not READ COMMITTED, READ WRITE, and a DO cannot begin its own here',
    { cause },
  );

/** What was met by a step that was taken back and may well succeed when it is repeated. */
export const takenBack = (version: string | null, sqlstate: string | null): string => {
  const met: Readonly<Record<string, string>> = {
    '40P01': 'met a deadlock',
    '40001': 'could not be serialized with what others did',
  };
  return `${version ?? 'a migration'} ${met[sqlstate ?? ''] ?? 'waited too long for a lock'} and was taken back whole`;
};

/** What a routine's `stop` means where the caller cannot go on by itself. `sqlstate`: of the statement that was refused, for `busy`. */
export const stopError = (stop: string, version: string | null, sqlstate: string | null = null): LockkeeperError =>
  stop === 'checksum'
    ? new LockkeeperError('MigrationAltered', `${version ?? 'a migration'} is in the ledger with another checksum`, {
        details: { version },
      })
    : stop === 'busy'
      ? new LockkeeperError('LockTimeout', takenBack(version, sqlstate), { details: { version, sqlstate } })
      : stop === 'stale'
        ? new LockkeeperError('LeaseLost', `${version ?? 'a migration'} is not in the ledger as this run left it`, {
            details: { version },
          })
        : new LockkeeperError('LeaseLost', 'the lease has another token: another run took over');
