import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';

/** Holds afterwards: the directory is there, and git passes over what is in it. @throws LockkeeperError `DiskFull`, `DirectoryUnusable` */
export const openLocalDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new LockkeeperError(
      code === 'ENOSPC' || code === 'EDQUOT' ? 'DiskFull' : 'DirectoryUnusable',
      `${directory} cannot be written: ${code}`,
      { cause: error },
    );
  }
};
