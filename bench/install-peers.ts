import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs what only the benches need, once. What npm prints goes to stderr, since stdout carries the figures. */
export const installPeers = (say: (line: string) => void): void => {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  if (existsSync(`${directory}node_modules`)) return;
  say('npm ci in bench/');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: directory,
    stdio: ['ignore', 2, 2],
  });
};
