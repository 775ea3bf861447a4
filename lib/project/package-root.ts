import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockkeeperError } from '../errors/index.ts';

const isOurs = (directory: string): boolean => {
  const file = join(directory, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'lockkeeper';
};

/**
 * The folder of this package, from its sources as from its bundle.
 * @throws LockkeeperError `DirectoryUnusable` when the library was bundled into something else, away from its files.
 */
export const packageRoot = (): string => {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; directory !== dirname(directory); directory = dirname(directory)) {
    if (isOurs(directory)) return directory;
  }
  throw new LockkeeperError('DirectoryUnusable', `no package.json of lockkeeper above ${start}`);
};
