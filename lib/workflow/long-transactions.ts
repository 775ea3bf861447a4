import { LockkeeperError } from '../errors/index.ts';
import type { AloneStatement } from './advance-statement.ts';
import type { Ports } from './ports.ts';

/**
 * What a concurrent build would have to wait for, in words; null when nothing is open that long. It waits for every older snapshot in its database,
 * so they are waited for before it begins.
 * @throws LockkeeperError `LongTransaction` when they do not end in time
 */
export const waitForLongTransactions = async (
  { ledger, manifest }: Ports,
  at: AloneStatement,
): Promise<string | null> => {
  const { longTransactionSeconds, longTransactionWaitSeconds } = manifest.settings;
  const open = await ledger.longTransactions(longTransactionSeconds);
  if (open.length === 0) return null;
  const who = open
    .map(
      ({ pid, ageSeconds, application }) =>
        `pid ${pid} (${ageSeconds} s${application === '' ? '' : `, ${application}`})`,
    )
    .join(', ');
  if (at.ageMs > longTransactionWaitSeconds * 1000) {
    throw new LockkeeperError(
      'LongTransaction',
      `${at.statement.kind} in ${at.version} would wait for transactions that do not end: ${who}`,
      { details: { version: at.version, pids: open.map(({ pid }) => pid) } },
    );
  }
  return `waits for long transactions: ${who}`;
};
