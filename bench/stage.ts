import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDataApi } from '../lib/local/data-api/index.ts';
import { openPostgres } from '../lib/local/postgres/index.ts';
import { credentials, type Surroundings } from './contestant.ts';

/** The one PostgreSQL and the one Data API that every contestant of a run meets. */
export interface Stage extends Omit<Surroundings, 'migrations' | 'scratch'> {
  /** Version, and where its data lies. */
  readonly postgres: string;
  readonly directory: string;
  /** Runs `work` on a new, empty database, which is gone afterwards. */
  onFreshDatabase<T>(work: (database: string) => Promise<T>): Promise<T>;
  /** Data API calls so far. */
  calls(): number;
  setLatency(latencyMs: number): void;
  close(): Promise<void>;
}

const resourceArn = 'arn:aws:rds:eu-central-1:000000000000:cluster:bench';
const secretArn = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:bench';

/** What a run's databases and their WAL take, with room to spare. */
const roomBytes = 2 * 1024 ** 3;

/**
 * Where PostgreSQL's data goes: `BENCH_DIRECTORY`, else memory where there is room. A disk's own time for each new file and commit is paid
 * by everyone alike, and would hide what a ledger adds to a direct connection.
 */
const dataPlace = (): { parent: string; said: string; fsync: boolean } => {
  const asked = process.env['BENCH_DIRECTORY'];
  if (asked !== undefined) return { parent: asked, said: `on disk with fsync (${asked})`, fsync: true };
  const memory = '/dev/shm';
  const { bavail, bsize } = existsSync(memory) ? statfsSync(memory) : { bavail: 0, bsize: 0 };
  return bavail * bsize > roomBytes
    ? { parent: memory, said: 'in memory', fsync: false }
    : { parent: tmpdir(), said: 'on disk without fsync', fsync: false };
};

/** Opens both. */
export const openStage = async (): Promise<Stage> => {
  const { parent, said, fsync } = dataPlace();
  const directory = mkdtempSync(join(parent, 'lockkeeper-bench-'));
  const postgres = await openPostgres({ directory, fsync });
  const admin = new pg.Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  const connect = (): pg.ClientConfig => ({
    host: postgres.host,
    port: postgres.port,
    user: postgres.user,
    password: postgres.password,
  });
  const server = await startDataApi({ credentials, clusters: [{ resourceArn, secretArn, connect }] });
  let databases = 0;
  return {
    dataApiUrl: server.url,
    resourceArn,
    secretArn,
    region: 'eu-central-1',
    postgres: `PostgreSQL ${postgres.version}, its data ${said}`,
    directory,
    postgresUrl: (database) => postgres.url(database),
    calls: () => Object.values(server.calls).reduce((sum, count) => sum + count, 0),
    setLatency: (latencyMs) => server.setLatency(latencyMs),
    onFreshDatabase: async (work) => {
      databases += 1;
      const database = `bench_${databases}`;
      await admin.query(`create database ${database}`);
      try {
        return await work(database);
      } finally {
        await server.drain(resourceArn, database);
        await admin.query(`drop database ${database} with (force)`);
      }
    },
    close: async () => {
      await server.close();
      await admin.end();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
