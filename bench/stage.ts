import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDataApi } from '../lib/local/data-api/index.ts';
import { openPostgres } from '../lib/local/postgres/index.ts';
import type { Surroundings } from './contestant.ts';

/** The one PostgreSQL and the one Data API that every contestant of a run meets. */
export interface Stage extends Omit<Surroundings, 'migrations' | 'scratch'> {
  readonly postgresVersion: string;
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

/**
 * Opens both. Commits do not wait for this machine's disk, which has nothing of Aurora's storage: what is compared is what each tool does,
 * on the direct connection, too.
 */
export const openStage = async (): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bench-'));
  const postgres = await openPostgres({ directory, fsync: false });
  const admin = new pg.Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  const connect = (): pg.ClientConfig => ({
    host: postgres.host,
    port: postgres.port,
    user: postgres.user,
    password: postgres.password,
  });
  const server = await startDataApi({ clusters: [{ resourceArn, secretArn, connect }] });
  let databases = 0;
  return {
    dataApiUrl: server.url,
    resourceArn,
    secretArn,
    region: 'eu-central-1',
    postgresVersion: postgres.version,
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
