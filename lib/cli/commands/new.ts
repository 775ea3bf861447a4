import { basename, relative } from 'node:path';
import { createMigration } from '../../project/index.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome } from '../outcome.ts';

/** Writes an empty migration, named for its description and for now (UTC). */
export const newMigration = async (description: string, { options, screen }: Invocation): Promise<Outcome> => {
  const path = createMigration(options.directory, description, { stage: options.stage, nowEpochMs: Date.now() });
  screen.line({ type: 'created', file: relative(process.cwd(), path) || path, migration: basename(path).slice(0, 14) });
  return done('write its SQL, then run: lockkeeper sum');
};
