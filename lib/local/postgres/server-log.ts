import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { LockkeeperError } from '../../errors/index.ts';

const longestLog = 8 * 1024 * 1024;

/** The log of a server, kept in one file that begins anew when it has grown long. */
export interface ServerLog {
  readonly path: string;
  /** Opened for appending, to be given to the server. */
  readonly descriptor: number;
  /** What was written since it was opened. */
  text(): string;
  close(): void;
}

export const openServerLog = (path: string): ServerLog => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > longestLog) truncateSync(path, 0);
  const from = size > longestLog ? 0 : size;
  const descriptor = openSync(path, 'a+', 0o600);
  return {
    path,
    descriptor,
    text() {
      const buffer = Buffer.alloc(64 * 1024);
      return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, from));
    },
    close: () => closeSync(descriptor),
  };
};

/** The last line that says what went wrong: FATAL, PANIC or ERROR before any other; without its time and process. */
export const lastMeaningfulLine = (text: string): string => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /\b(FATAL|PANIC|ERROR)\b|error:/.test(line));
  const line = telling.at(-1) ?? lines.at(-1) ?? 'the log is empty';
  return line.replace(/^[\d-]+ [\d:.]+ \S+ \[\d+\] /, '').trim();
};

/** What a server that did not start, or a program that failed, means by what it wrote. */
export const startFailure = (text: string, what: string, logPath: string, port?: number): LockkeeperError => {
  if (/No space left on device|Disk quota exceeded/.test(text)) {
    return new LockkeeperError('DiskFull', `no space left on the disk: ${what}; see ${logPath}`);
  }
  if (port !== undefined && isPortTaken(text)) return portTaken(port);
  return new LockkeeperError('PostgresFailed', `${what}: ${lastMeaningfulLine(text)}; see ${logPath}`);
};

export const isPortTaken = (text: string): boolean =>
  /could not (bind|create any TCP\/IP|listen)/.test(text) && /Address already in use/.test(text);

export const portTaken = (port: number, cause?: unknown): LockkeeperError =>
  new LockkeeperError('PortTaken', `port ${port} on 127.0.0.1 is taken; a free port was expected`, { cause });
