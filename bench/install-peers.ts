import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, run } from './commands.ts';

/** Installs what only the benches need, once. */
export const installPeers = (say: (line: string) => void): void => {
  const directory = join(repositoryRoot, 'bench');
  if (existsSync(join(directory, 'node_modules'))) return;
  say('npm ci in bench/');
  run(directory, 'npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts');
};
