import { LockkeeperError } from '../errors/index.ts';
import { takenBack } from '../ledger/ledger-errors.ts';
import type { LockHolder } from '../ledger/lock-holders.ts';
import type { Ports } from './ports.ts';
import { holdersText } from './session-text.ts';

export interface LockMet {
  readonly version: string | null;
  /** Why PostgreSQL refused it; null when the ledger's own lock was not had. */
  readonly sqlstate: string | null;
  /** The statements that met the lock, or that may have. */
  readonly statements: readonly string[];
}

/** What the ledger's own statements lock. */
const ledgerStatements: readonly string[] = ['lease migration event'];

/** The error for a step that met somebody's lock and was taken back whole, with who may have held it: one more call, and none the worse when that fails. */
export const lockTimeout = async (
  { ledger, manifest }: Pick<Ports, 'ledger' | 'manifest'>,
  { version, sqlstate, statements }: LockMet,
  cause?: unknown,
): Promise<LockkeeperError> => {
  const request = {
    statements: sqlstate === null ? ledgerStatements : statements,
    waitedMs: manifest.settings.lockTimeoutMs,
  };
  const holders = await ledger.lockHolders(request).catch((): readonly LockHolder[] => []);
  const head = takenBack(version, sqlstate);
  const pids = holders.flatMap(({ session }) => (session === null ? [] : [session.pid]));
  return new LockkeeperError(
    'LockTimeout',
    holders.length === 0 ? head : holdersText(`${head}; in its way:`, holders),
    {
      details: { version, sqlstate, pids },
      cause,
    },
  );
};

/** The same for the ledger's own word that a step outside a transaction met a lock; any other error as it is. */
export const namingHolders = async (
  ports: Pick<Ports, 'ledger' | 'manifest'>,
  error: unknown,
  statements: readonly string[],
): Promise<unknown> => {
  if (!(error instanceof LockkeeperError) || error.code !== 'LockTimeout') return error;
  const { version, sqlstate } = error.details;
  if (typeof version !== 'string') return error;
  return lockTimeout(ports, { version, sqlstate: typeof sqlstate === 'string' ? sqlstate : null, statements }, error);
};
