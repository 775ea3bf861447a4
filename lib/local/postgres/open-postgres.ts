import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LockkeeperError } from '../../errors/index.ts';
import { atExit } from './at-exit.ts';
import { cacheDirectory } from './cache-directory.ts';
import { createCluster, superuser } from './create-cluster.ts';
import { fileFailure } from './file-failure.ts';
import { freePort, preferredPort } from './free-port.ts';
import { findInstallation } from './installation.ts';
import { type PostgresLayout, postgresLayout } from './postgres-layout.ts';
import { processMutex } from './process-mutex.ts';
import { serverAccount } from './server-account.ts';
import { findServer, type RunningServer, startServer, stopServer } from './server-process.ts';
import { serverUsers } from './server-users.ts';

export interface PostgresOptions {
  /** Where the data lies, e.g. `.lockkeeper`; made when it is not there. */
  readonly directory: string;
  /** A free one when absent, the one of last time if it can be had. A server that runs already keeps its own. */
  readonly port?: number;
  /** Made when it is not there; `app` when absent. */
  readonly database?: string;
  /** True when absent. False for tests: a crash of the machine may lose the data. */
  readonly fsync?: boolean;
  /** Keeps what can be made again for the next directory: an empty cluster, a copy of the programs. */
  readonly cache?: string;
  readonly log?: (line: string) => void;
}

/** A PostgreSQL server on this machine, shared by all processes that opened its directory. */
export interface LocalPostgres {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly dataDirectory: string;
  /** e.g. `17.10` */
  readonly version: string;
  readonly pid: number;
  /** With the password in it: never to be logged. */
  url(database?: string): string;
  /** Leaves the server, and stops it when nobody else uses it. May be called again. */
  stop(): Promise<void>;
}

const settleWithinMs = 30_000;

/**
 * Opens the embedded PostgreSQL of a directory: makes it on first use, joins it where it runs already, else starts it.
 * @throws LockkeeperError `PortTaken`, `DiskFull`, `DirectoryUnusable`, `PostgresFailed`
 */
export const openPostgres = async (options: PostgresOptions): Promise<LocalPostgres> => {
  const directory = resolve(options.directory);
  try {
    return await open({ ...options, directory });
  } catch (error) {
    throw fileFailure(error, directory);
  }
};

const open = async (options: PostgresOptions): Promise<LocalPostgres> => {
  const layout = postgresLayout(options.directory);
  mkdirSync(layout.home, { recursive: true });
  const mutex = processMutex(layout.mutex);
  const users = serverUsers(layout.users);
  const database = options.database ?? 'app';

  const opened = await mutex.run(async () => {
    const me = users.enter();
    let server: RunningServer | undefined;
    try {
      for (const until = performance.now() + settleWithinMs; ; await sleep(20)) {
        server = await joinOrStart(layout, options);
        const password = readFileSync(layout.password, 'utf8');
        try {
          return { me, server, password, version: await prepareDatabase(server, password, database) };
        } catch (error) {
          // A server that is just being killed or stopped by somebody still looks as if it ran.
          if (!isGone(error) || performance.now() > until) throw refusal(server, error);
        }
      }
    } catch (error) {
      users.leave(me);
      if (server !== undefined && users.living().length === 0) await stopServer(server.pid);
      throw error;
    }
  });
  const { me, server, password, version } = opened;

  // For a caller that ends without `stop()`; where it fails, the next process that opens the directory makes it good.
  const leavingAtExit = atExit(() =>
    mutex.tryRunSync(() => {
      users.leave(me);
      if (users.living().length === 0) process.kill(server.pid, 'SIGINT');
    }),
  );
  let stopping: Promise<void> | undefined;
  return {
    host: '127.0.0.1',
    port: server.port,
    user: superuser,
    password,
    database,
    dataDirectory: layout.data,
    version,
    pid: server.pid,
    url: (name = database) =>
      `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${encodeURIComponent(name)}`,
    stop: () =>
      (stopping ??= mutex.run(async () => {
        leavingAtExit.takeBack();
        users.leave(me);
        if (users.living().length === 0) await stopServer(server.pid);
      })),
  };
};

const joinOrStart = async (layout: PostgresLayout, options: PostgresOptions): Promise<RunningServer> => {
  const log = options.log ?? ((): void => undefined);
  const running = existsSync(layout.data) ? await findServer(layout.data) : undefined;
  if (running !== undefined) {
    log(`postgres runs already on port ${running.port}`);
    if (options.port !== undefined && options.port !== running.port) log(`port ${options.port} is not used`);
    return running;
  }
  const wanted = options.port === undefined || options.port === 0 ? undefined : await freePort(options.port);
  const account = serverAccount(layout.data);
  const cache = options.cache === undefined ? cacheDirectory() : resolve(options.cache);
  const installation = await findInstallation(cache, account);
  if (!existsSync(layout.data)) {
    log(`creating a database cluster in ${layout.data}`);
    await createCluster(layout, installation, cache, account);
  }
  refuseOtherMajor(layout.data, installation.version);
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await preferredPort(attempt === 1 ? lastPort(layout) : undefined));
    try {
      const started = await startServer(installation, layout.data, port, {
        account,
        logPath: layout.log,
        fsync: options.fsync ?? true,
      });
      writeFileSync(layout.port, String(port));
      log(`postgres listens on port ${port}`);
      return started;
    } catch (error) {
      const isRace = error instanceof LockkeeperError && error.code === 'PortTaken' && wanted === undefined;
      if (!isRace || attempt === 5) throw error;
    }
  }
};

const refuseOtherMajor = (dataDirectory: string, version: string): void => {
  const found = readFileSync(`${dataDirectory}/PG_VERSION`, 'utf8').trim();
  const expected = version.slice(0, version.indexOf('.'));
  if (found !== expected) {
    throw new LockkeeperError(
      'PostgresFailed',
      `${dataDirectory} was made by PostgreSQL ${found}; data of PostgreSQL ${expected} was expected`,
    );
  }
};

const lastPort = (layout: PostgresLayout): number | undefined =>
  existsSync(layout.port) ? Number(readFileSync(layout.port, 'utf8')) || undefined : undefined;

const prepareDatabase = async (server: RunningServer, password: string, database: string): Promise<string> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: superuser,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 20_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; present: boolean }>(
      `select current_setting('server_version') as version, exists (select from pg_database where datname = $1) as present`,
      [database],
    );
    if (rows[0]?.present === false) await client.query(`create database ${client.escapeIdentifier(database)}`);
    return rows[0]?.version ?? '';
  } finally {
    await client.end().catch(() => undefined);
  }
};

const isGone = (error: unknown): boolean =>
  ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', '57P01', '57P02', '57P03'].includes(
    (error as { code?: string }).code ?? '',
  ) ||
  (error instanceof Error && error.message.startsWith('Connection terminated'));

const refusal = (server: RunningServer, cause: unknown): LockkeeperError => {
  if ((cause as { code?: string }).code === '53100') {
    return new LockkeeperError('DiskFull', 'no space left on the disk for the database', { cause });
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  return new LockkeeperError('PostgresFailed', `the server on port ${server.port} refused: ${said}`, { cause });
};
