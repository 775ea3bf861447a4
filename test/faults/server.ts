import { mkdirSync, mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openPostgres } from '../../lib/local/postgres/index.ts';

/** One PostgreSQL for all schedules of a process, its data in memory where the system has such a place. */
export interface FaultServer {
  readonly directory: string;
  url(database: string): string;
  /** In the maintenance database; again when the server just crashed. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
  /** Kills one of the database's backends, so that the whole server crashes and recovers. */
  crash(database: string): Promise<void>;
  /** A new database, a copy of the template, with its sessions' defaults. */
  database(template: string, defaults?: readonly string[]): Promise<string>;
  /** Ends its sessions and drops it. */
  drop(...names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export const startFaultServer = async (): Promise<FaultServer> => {
  const directory = mkdtempSync(join(memory, 'lockkeeper-faults-'));
  mkdirSync(join(directory, 'postgres-home'));
  const server = await openPostgres({ directory: join(directory, 'postgres-home'), fsync: false });
  const admin = new pg.Pool({ connectionString: server.url('postgres'), max: 4 });
  admin.on('error', () => undefined);
  const query: FaultServer['query'] = (sql, values = []) =>
    persistently(
      () => admin.query(sql, [...values]),
      () => undefined,
    );
  // thousands of connections: the password goes over the loopback address as it is, and is hashed in one round
  await query(
    'set scram_iterations = 1; '.concat(
      `alter role current_user password ${pg.escapeLiteral(decodeURIComponent(new URL(server.url('postgres')).password))}`,
    ),
  );
  await query(
    `do $$ begin execute format('copy (select %L) to %L', 'host all all 127.0.0.1/32 password', current_setting('hba_file')); end $$`,
  );
  await query('alter system set autovacuum = off');
  await query('select pg_reload_conf()');
  let count = 0;
  return {
    directory,
    url: (database) => server.url(database),
    query,
    async crash(database) {
      const { rows } = await query<{ pid: number }>(
        "select pid from pg_stat_activity where datname = $1 and application_name like 'r%' order by state = 'active' desc limit 1",
        [database],
      );
      if (rows[0]) process.kill(rows[0].pid, 'SIGKILL');
    },
    async database(template, defaults = []) {
      count += 1;
      const name = `case_${count}`;
      await query(`create database ${name} template ${template} strategy file_copy`);
      for (const set of defaults) await query(`alter database ${name} set ${set}`);
      return name;
    },
    async drop(...names) {
      for (const name of names) await query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    },
    async close() {
      await admin.end();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Tries again for two seconds while the server is away. @throws what is no lost connection */
export const persistently = async <Result>(work: () => Promise<Result>, forget: () => void): Promise<Result> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const isAway =
        code === undefined
          ? /terminated|not queryable|closed|ended/i.test(message)
          : /^(57P0|08|ECONN|EPIPE)/.test(code);
      if (!isAway || attempt > 100) throw error;
      forget();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};
