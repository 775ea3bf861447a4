import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockkeeperError } from '../../errors/index.ts';
import { identityOf, isAlive } from './process-identity.ts';

/**
 * A mutex between processes that outlives none of them: a holder that was killed does not hold it any more.
 *
 * The directory holds symbolic links named by growing numbers; the highest says who holds the mutex, or that it is free.
 * A number is taken by creating its link, which only one process can do, and only after the one before it is free or its
 * process is dead. The last few links are kept, so that a slow process cannot take a number that was used already.
 */
export interface ProcessMutex {
  /** @throws LockkeeperError `PostgresFailed` when a living process keeps it longer than `waitMs`. */
  run<T>(body: () => Promise<T>): Promise<T>;
  /** Runs `body` without waiting, for a process that is about to exit; false when another holds the mutex. */
  tryRunSync(body: () => void): boolean;
}

const kept = 16;
const free = 'free';

export const processMutex = (directory: string, { waitMs = 180_000, pollMs = 10 } = {}): ProcessMutex => {
  const self = identityOf(process.pid) ?? `${process.pid}-unknown`;
  const numbers = (): number[] =>
    readdirSync(directory)
      .map(Number)
      .toSorted((a, b) => a - b);
  const holderOf = (number: number): string | undefined => {
    try {
      return readlinkSync(join(directory, String(number)));
    } catch {
      return undefined;
    }
  };
  /** The number taken, or who holds the mutex. */
  const take = (): number | string => {
    const last = numbers().at(-1) ?? 0;
    const holder = last === 0 ? free : holderOf(last);
    if (holder === undefined) return 'unknown';
    if (holder !== free && isAlive(holder)) return holder;
    try {
      symlinkSync(self, join(directory, String(last + 1)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'unknown';
      throw error;
    }
    const now = numbers();
    if (now.at(-1) === last + 1) {
      for (const old of now.slice(0, -kept)) unlinkSync(join(directory, String(old)));
      return last + 1;
    }
    unlinkSync(join(directory, String(last + 1)));
    return 'unknown';
  };
  const release = (taken: number): void => {
    try {
      symlinkSync(free, join(directory, String(taken + 1)));
    } catch {
      // A full disk. To be stuck is worse than a number that can be taken again.
      rmSync(join(directory, String(taken)), { force: true });
    }
  };

  return {
    async run(body) {
      mkdirSync(directory, { recursive: true });
      const until = performance.now() + waitMs;
      let taken = take();
      while (typeof taken === 'string') {
        if (performance.now() > until) {
          throw new LockkeeperError('PostgresFailed', `process ${taken} has kept ${directory} locked for ${waitMs} ms`);
        }
        await sleep(pollMs);
        taken = take();
      }
      try {
        return await body();
      } finally {
        release(taken);
      }
    },
    tryRunSync(body) {
      const taken = take();
      if (typeof taken === 'string') return false;
      try {
        body();
      } finally {
        release(taken);
      }
      return true;
    },
  };
};
