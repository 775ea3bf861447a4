import { LockkeeperError } from '../errors/index.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Reads, and where the ledger is not there yet or is an older one, installs it and reads again: three calls at most, one as a rule. */
export const installedRead = async <T>(ledger: Ledger, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LockkeeperError) || error.code !== 'LedgerAbsent') throw error;
    await ledger.install();
    return read();
  }
};
