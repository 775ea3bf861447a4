import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type CliEnd, jsonLines, runCli, type RunningCli, startCli } from './run-cli.ts';

export interface CliProject {
  readonly directory: string;
  /** Writes a migration; the down is `SELECT 1` where none is given. */
  write(file: string, up: string, down?: string): void;
  run(...words: string[]): Promise<CliEnd>;
  start(...words: string[]): RunningCli;
  /** `name state` of each migration, in version order. */
  states(): Promise<string[]>;
  /** Rows of a query, over the address that `lockkeeper local` prints; it stays up from then on, as beside an application. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** A session of its own there; whoever asks for it ends it. */
  connect(): Promise<pg.Client>;
  remove(): Promise<void>;
}

const section = (name: string, sql: string): string =>
  `-- migrate:${name}${/CONCURRENTLY/.test(sql) ? ' transaction:false' : ''}\n${sql}\n`;

/** A directory with migrations of its own and nothing else, as a new user has it. */
export const cliProject = (): CliProject => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-cli-'));
  // a database server started by root runs as another user, who has to get in
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, 'migrations'));
  const run = (...words: string[]): Promise<CliEnd> => runCli(words, { cwd: directory });
  const start = (...words: string[]): RunningCli => startCli(words, { cwd: directory });
  let local: RunningCli | undefined;
  const connect = async (): Promise<pg.Client> => {
    local ??= start('local', '--json');
    await local.until('DATABASE_URL');
    const client = new pg.Client({ connectionString: /"DATABASE_URL":"([^"]+)"/.exec(local.out())?.[1] });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    directory,
    run,
    start,
    write: (file, up, down = 'SELECT 1;') => {
      writeFileSync(join(directory, 'migrations', file), `${section('up', up)}\n${section('down', down)}`);
    },
    async states() {
      const { out } = await run('status', '--json');
      const status = jsonLines(out).find(({ type }) => type === 'status') as {
        migrations: { name: string; state: string }[];
      };
      return status.migrations.map(({ name, state }) => `${name} ${state}`);
    },
    connect,
    async query(sql) {
      const client = await connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    },
    async remove() {
      local?.process.kill('SIGINT');
      await local?.ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
