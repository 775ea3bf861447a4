import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface HeldPostgres {
  /** Leads a process group of its own. */
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly port: number;
  /** Number of the server's process. */
  readonly server: number;
  readonly url: string;
  /** Set instead of the others when it could not be opened. */
  readonly failed?: string;
  readonly message?: string;
  /** Ends the process the polite way. */
  release(): Promise<void>;
  /** Ends the process without leaving the server. */
  exit(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Another node process that has opened the PostgreSQL of `directory`, maybe as another user. */
export const holdPostgres = async (
  directory: string,
  { uid, cache = '' }: { uid?: number; cache?: string } = {},
): Promise<HeldPostgres> => {
  const script = fileURLToPath(new URL('./hold-postgres.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, cache], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid, env: { PATH: process.env['PATH'], HOME: '/nonexistent' } }),
  });
  const ended = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  return {
    child,
    ended,
    ...(JSON.parse(said) as { port: number; server: number; url: string }),
    async release() {
      child.stdin.end();
      await ended;
    },
    async exit() {
      child.stdin.write('exit');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
