import { renderCatalogue } from '../../analysis/index.ts';
import { readSettings } from '../../project/index.ts';
import type { Invocation } from '../invocation.ts';
import { laptopDirectory } from '../laptop-project.ts';
import { done, type Outcome } from '../outcome.ts';

/** Writes what the laptop's database, or the one that is named, holds. Reads only. */
export const catalog = async ({ options, screen }: Invocation): Promise<Outcome> => {
  const { settings } = readSettings(options.directory, { stage: options.stage });
  const { openTarget } = await import('../../local/local-target.ts');
  const { readCatalogue } = await import('../read-catalogue.ts');
  screen.busy('reading the catalogue');
  const target = await openTarget({
    directory: laptopDirectory(options),
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
  });
  try {
    const catalogue = await readCatalogue(target.url, settings.ledgerSchema);
    if (options.json === true) screen.line({ type: 'catalogue', ...catalogue });
    else screen.line({ type: 'document', text: renderCatalogue(catalogue) });
  } finally {
    await target.close();
  }
  return done(null);
};
