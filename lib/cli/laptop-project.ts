import { join } from 'node:path';
import type { Manifest } from '../migration/manifest.ts';
import { compileProject } from '../project/index.ts';
import type { LocalStackOptions } from '../local/local-stack.ts';
import type { CommonOptions, Invocation } from './invocation.ts';

/** Where the laptop keeps its database, snapshots and executions. */
export const laptopDirectory = ({ directory }: CommonOptions): string => join(directory, '.lockkeeper');

/** The project compiled, and what its local stack is opened with. @throws LockkeeperErrors whatever is wrong with the files */
export const laptopProject = async (
  { options, screen }: Invocation,
  ports: LocalStackOptions['ports'] = {},
): Promise<{ readonly manifest: Manifest; readonly stackOptions: LocalStackOptions }> => {
  const manifest = await compileProject(options.directory, { stage: options.stage });
  screen.know(manifest.migrations);
  const stackOptions = {
    directory: laptopDirectory(options),
    manifest,
    ports,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    onLog: (text: string) => screen.line({ type: 'log', text: text.trimEnd() }),
  };
  return { manifest, stackOptions };
};
