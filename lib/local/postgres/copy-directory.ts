import { constants } from 'node:fs';
import { chmod, copyFile, lchown, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerAccount } from './server-account.ts';

export interface CopyOptions {
  /** Who owns the copy; the caller when absent. */
  readonly account?: ServerAccount | undefined;
  /** Holds for what is left out, by its path below `from`. */
  readonly without?: (path: string) => boolean;
  /** Of the directories made; 0700 when absent. */
  readonly directoryMode?: number;
  /** Of the files made; the original's when absent. */
  readonly fileMode?: number;
  /** Told how many files are copied and how many there are. */
  readonly onProgress?: (copied: number, all: number) => void;
}

const atOnce = 8;

/**
 * Copies a tree with its modes, sharing blocks where the file system can.
 * A file that vanishes meanwhile is left out, as PostgreSQL allows for a base backup:
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export const copyDirectory = async (from: string, to: string, options: CopyOptions = {}): Promise<void> => {
  const files: string[] = [];
  const own = async (path: string): Promise<void> => {
    if (options.account !== undefined) await lchown(path, options.account.uid, options.account.gid);
  };
  const walk = async (below: string): Promise<void> => {
    await mkdir(join(to, below), { recursive: true });
    await chmod(join(to, below), options.directoryMode ?? 0o700);
    await own(join(to, below));
    for (const entry of await orNothing(readdir(join(from, below), { withFileTypes: true }), [])) {
      const path = join(below, entry.name);
      if (options.without?.(path) === true) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isSymbolicLink()) {
        await symlink(await readlink(join(from, path)), join(to, path));
        await own(join(to, path));
      } else if (entry.isFile()) files.push(path);
    }
  };
  await walk('');
  const all = files.length;
  let done = 0;
  const copyNext = async (): Promise<void> => {
    for (let path = files.pop(); path !== undefined; path = files.pop()) {
      const target = join(to, path);
      const there = await orNothing(
        copyFile(join(from, path), target, constants.COPYFILE_FICLONE).then(() => true),
        false,
      );
      if (there) await own(target);
      if (there && options.fileMode !== undefined) await chmod(target, options.fileMode);
      done += 1;
      options.onProgress?.(done, all);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, copyNext));
};

const orNothing = async <T>(promise: Promise<T>, nothing: T): Promise<T> => {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
};
