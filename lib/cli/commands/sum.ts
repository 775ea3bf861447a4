import { relative } from 'node:path';
import { verifySum } from '../../migration/index.ts';
import { loadProject, writeSum } from '../../project/index.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome } from '../outcome.ts';

/** Writes `lockkeeper.sum` anew and says in what it had differed from the files. */
export const sum = async ({ options, screen }: Invocation): Promise<Outcome> => {
  const { project, sum: before } = loadProject(options.directory, { stage: options.stage });
  const changes = verifySum(project.changelog, before).map(({ message }) => message);
  const path = writeSum(options.directory, { stage: options.stage });
  screen.line({ type: 'sum', file: relative(process.cwd(), path) || path, changes });
  return done(null);
};
