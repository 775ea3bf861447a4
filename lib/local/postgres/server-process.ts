import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockkeeperError } from '../../errors/index.ts';
import type { Installation } from './installation.ts';
import { identityOf } from './process-identity.ts';
import { type PostmasterFile, postmasterPath, readPostmasterFile } from './postmaster-file.ts';
import { reachedBy, type ServerAccount } from './server-account.ts';
import { isPortTaken, openServerLog, portTaken, startFailure } from './server-log.ts';
import { serverSettings } from './server-settings.ts';

/** A server that accepts connections. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

const startWithinMs = 120_000;
const stopWithinMs = 60_000;

/**
 * Starts a server on a data directory and waits until it accepts connections. It is a process group of its own: a ^C at the terminal
 * reaches the caller alone, who then stops it.
 * @throws LockkeeperError `PortTaken`, `DiskFull`, `PostgresFailed`
 */
export const startServer = async (
  installation: Installation,
  dataDirectory: string,
  port: number,
  options: { account: ServerAccount | undefined; logPath: string; fsync: boolean },
): Promise<RunningServer> => {
  const until = performance.now() + startWithinMs;
  for (;;) {
    const outcome = await tryStart(installation, dataDirectory, port, options, until);
    if (!('failure' in outcome)) return outcome;
    // Children of a postmaster that was killed hold its shared memory for a moment longer.
    const isMemoryHeld = /pre-existing shared memory block/.test(outcome.failure);
    if (isMemoryHeld && performance.now() < until) {
      await sleep(100);
      continue;
    }
    if (isPortTaken(outcome.failure)) throw portTaken(port);
    throw startFailure(outcome.failure, `the server did not start in ${dataDirectory}`, options.logPath);
  }
};

const tryStart = async (
  installation: Installation,
  dataDirectory: string,
  port: number,
  { account, logPath, fsync }: { account: ServerAccount | undefined; logPath: string; fsync: boolean },
  until: number,
): Promise<RunningServer | { failure: string }> => {
  const log = openServerLog(logPath);
  try {
    const child = spawn(
      installation.postgres,
      ['-D', reachedBy(account, dataDirectory), ...serverSettings(port, { fsync })],
      {
        ...account,
        cwd: dataDirectory,
        detached: true,
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', log.descriptor, log.descriptor],
      },
    );
    const end: { reason?: string } = {};
    child.once('error', (error) => (end.reason = error.message));
    child.once('exit', (code, signal) => (end.reason = `ended with ${signal ?? code}`));
    child.unref();
    while (end.reason === undefined) {
      const file = readPostmasterFile(dataDirectory);
      if (file?.pid === child.pid && file?.status === 'ready') return { pid: file.pid, port };
      if (performance.now() > until) {
        child.kill('SIGQUIT');
        return { failure: `the server was not ready after ${startWithinMs} ms` };
      }
      await sleep(5);
    }
    return { failure: log.text() === '' ? end.reason : log.text() };
  } finally {
    log.close();
  }
};

/**
 * The server that runs on a data directory, once it accepts connections; undefined when there is none.
 * A `postmaster.pid` left behind is for the next server to deal with. Call it with the mutex held.
 */
export const findServer = async (dataDirectory: string): Promise<RunningServer | undefined> => {
  const until = performance.now() + startWithinMs;
  for (let file = readPostmasterFile(dataDirectory); file !== undefined; file = readPostmasterFile(dataDirectory)) {
    if (!isServerOf(file, dataDirectory)) {
      if (identityOf(file.pid) !== undefined) disown(file, dataDirectory);
      return undefined;
    }
    if (file.status === 'ready' && file.port !== undefined) return { pid: file.pid, port: file.port };
    if (performance.now() > until) {
      throw new LockkeeperError(
        'PostgresFailed',
        `server ${file.pid} in ${dataDirectory} is ${file.status || 'silent'}`,
      );
    }
    await sleep(10);
  }
  return undefined;
};

/**
 * Names this process in the file instead of a program that got the old server's number. The server takes no offence at its parent's
 * number, and still finds in the file whether children of the old server hold its shared memory: hence it is not removed.
 */
const disown = (file: PostmasterFile, dataDirectory: string): void =>
  writeFileSync(postmasterPath(dataDirectory), file.text.replace(/^\s*\d+/, String(process.pid)));

/** A postmaster's working directory is its data directory. Where that cannot be read its command line has to do. */
const isServerOf = (file: PostmasterFile, dataDirectory: string): boolean => {
  if (identityOf(file.pid) === undefined) return false;
  if (process.platform !== 'linux') {
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(file.pid)], { encoding: 'utf8' });
    return command.includes('postgres') && command.includes(dataDirectory);
  }
  try {
    return readlinkSync(`/proc/${file.pid}/cwd`) === realpathSync(dataDirectory);
  } catch {
    return commandOf(file.pid).includes('postgres');
  }
};

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

/** Fast shutdown: sessions are ended, their transactions rolled back. Returns when the process is gone. */
export const stopServer = async (pid: number): Promise<void> => {
  const identity = identityOf(pid);
  if (identity === undefined) return;
  const until = performance.now() + stopWithinMs;
  const send = (signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new LockkeeperError('PostgresFailed', `server ${pid} cannot be stopped by this user`, { cause });
    }
  };
  send('SIGINT');
  let isImmediate = false;
  while (identityOf(pid) === identity) {
    if (!isImmediate && performance.now() > until) {
      send('SIGQUIT');
      isImmediate = true;
    }
    await sleep(5);
  }
};
