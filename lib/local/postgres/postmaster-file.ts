import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server says of itself in `postmaster.pid`: https://www.postgresql.org/docs/17/storage-file-layout.html */
export interface PostmasterFile {
  readonly pid: number;
  /** Undefined until the server has written it. */
  readonly port: number | undefined;
  /** `starting`, `stopping`, `ready`, `standby`; empty until it is written. */
  readonly status: string;
  readonly text: string;
}

export const postmasterPath = (dataDirectory: string): string => join(dataDirectory, 'postmaster.pid');

/** Undefined when there is no such file, or one that holds no process number. */
export const readPostmasterFile = (dataDirectory: string): PostmasterFile | undefined => {
  let text: string;
  try {
    text = readFileSync(postmasterPath(dataDirectory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: lines[3] ? Number(lines[3]) : undefined, status: lines[7] ?? '', text };
};
