import { existsSync } from 'node:fs';
import { LockkeeperError } from '../errors/index.ts';
import { Ledger } from '../ledger/index.ts';
import type { Manifest } from '../migration/manifest.ts';
import type { Invocation } from './invocation.ts';
import { laptopDirectory, laptopProject } from './laptop-project.ts';

/**
 * Asks the ledger of the laptop's database. Null when there is none yet: nothing was ever applied, and nothing is started or written.
 */
export const askLaptopLedger = async <Answer>(
  invocation: Invocation,
  ask: (ledger: Ledger, manifest: Manifest) => Promise<Answer>,
): Promise<{ readonly manifest: Manifest; readonly answer: Answer | null }> => {
  const { options, screen } = invocation;
  const { manifest, stackOptions } = await laptopProject(invocation);
  if (options.databaseUrl === undefined && !existsSync(laptopDirectory(options))) return { manifest, answer: null };
  const { withLaptopDatabase } = await import('./laptop-database.ts');
  screen.busy('opening the local database');
  try {
    const answer = await withLaptopDatabase(stackOptions, (database) =>
      ask(new Ledger(database, manifest.settings.ledgerSchema), manifest),
    );
    return { manifest, answer };
  } catch (error) {
    if (error instanceof LockkeeperError && error.code === 'LedgerAbsent') return { manifest, answer: null };
    throw error;
  }
};
