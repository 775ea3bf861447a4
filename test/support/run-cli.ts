import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The command line as `npm run build` leaves it. */
export const cliFile = `${root}dist/lockkeeper.mjs`;

export interface CliEnd {
  /** Null when a signal ended it. */
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCli {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CliEnd>;
  /** Standard output so far. */
  out(): string;
  /** Resolves when standard output holds `text`; rejects when the process ends without it. */
  until(text: string): Promise<void>;
}

/** Starts the real command line, in a pipe. */
export const startCli = (
  words: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): RunningCli => {
  const child = spawn(process.execPath, [cliFile, ...words], {
    cwd: options.cwd ?? root,
    env: { ...process.env, NODE_OPTIONS: '', ...options.environment },
  });
  let [out, err] = ['', ''];
  const seen = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const look of seen) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, out, err }));
  });
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (out.includes(text)) resolve();
      };
      seen.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${JSON.stringify(text)}:\n${out}\n${err}`)));
    });
  return { process: child, ended, until, out: () => out };
};

export const runCli = (words: readonly string[], options: Parameters<typeof startCli>[1] = {}): Promise<CliEnd> =>
  startCli(words, options).ended;

/** The lines of a `--json` stream. */
export const jsonLines = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
