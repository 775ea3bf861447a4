import { LockkeeperError } from '../errors/index.ts';
import type { AloneStatement } from './advance-statement.ts';
import type { Ports } from './ports.ts';
import { sessionsText } from './session-text.ts';

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
  if (at.ageMs > longTransactionWaitSeconds * 1000) {
    const head = `${at.statement.kind} in ${at.version} would wait for transactions that do not end:`;
    throw new LockkeeperError('LongTransaction', sessionsText(head, open), {
      details: { version: at.version, pids: open.map(({ pid }) => pid) },
    });
  }
  return sessionsText(`${at.statement.kind} is not sent before these transactions end:`, open);
};
