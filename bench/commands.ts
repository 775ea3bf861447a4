import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command to its end, its output on stderr, since stdout carries the figures. @throws when it fails */
export const run = (cwd: string, command: string, ...args: string[]): void =>
  void execFileSync(command, args, { cwd, stdio: ['ignore', 2, 2] });

/** Builds the bundles and the command line, so that they are the ones of this tree. */
export const buildDist = (say: (line: string) => void): void => {
  say('npm run build');
  run(repositoryRoot, 'npm', 'run', '--silent', 'build');
};
