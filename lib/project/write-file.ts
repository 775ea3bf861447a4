import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { LockkeeperError } from '../errors/index.ts';

const translate = (cause: unknown, path: string): LockkeeperError => {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new LockkeeperError('DiskFull', `no space to write ${path}`, { cause });
  return new LockkeeperError('DirectoryUnusable', `cannot write ${path} (${code ?? 'unknown error'})`, { cause });
};

/** @throws LockkeeperError `DiskFull`, `DirectoryUnusable` */
export const makeDirectory = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw translate(cause, path);
  }
};

/**
 * Writes a file whole or not at all: beside it first, then renamed over it.
 * @throws LockkeeperError `DiskFull`, `DirectoryUnusable`
 */
export const writeWhole = (path: string, text: string): void => {
  const beside = `${path}.${process.pid}.part`;
  try {
    const file = openSync(beside, 'w');
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw translate(cause, path);
  }
};
