import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A directory of the caller's own for what can be made again: never one that another user could have prepared.
 * Root's is where other accounts can read, since the server runs as one of them.
 * Where none can be made it is a new one under the system's directory for temporary files.
 */
export const cacheDirectory = (): string => {
  for (const directory of candidates()) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o755 });
      const found = statSync(directory);
      if (found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return directory;
    } catch {
      continue;
    }
  }
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-cache-'));
  chmodSync(directory, 0o755);
  return directory;
};

const candidates = (): string[] => {
  const isMac = process.platform === 'darwin';
  const shared = join(tmpdir(), `lockkeeper-cache-${process.getuid?.() ?? 0}`);
  if (process.getuid?.() === 0) return [isMac ? '/Library/Caches/lockkeeper' : '/var/cache/lockkeeper', shared];
  const users = isMac
    ? join(homedir(), 'Library', 'Caches')
    : (process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  return [join(users, 'lockkeeper'), shared];
};

const abandonedAfterMs = 10 * 60_000;

/** A new directory in `cache`, to be renamed when it is whole. Those that killed processes left there are removed. */
export const makingDirectory = (cache: string): string => {
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  for (const name of readdirSync(cache).filter((each) => each.startsWith('making-'))) {
    const found = statSync(join(cache, name), { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) {
      rmSync(join(cache, name), { recursive: true, force: true });
    }
  }
  const making = mkdtempSync(join(cache, 'making-'));
  chmodSync(making, 0o755);
  return making;
};
