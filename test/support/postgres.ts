import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openPostgres } from '../../lib/local/postgres/index.ts';

/** A PostgreSQL server of a test file's own. */
export interface TestServer {
  /** A new, empty database; answers its address. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a server that forgets everything at `stop`. */
export const startTestServer = async (options: { fsync?: boolean } = {}): Promise<TestServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-test-'));
  const server = await openPostgres({ directory, fsync: options.fsync ?? false });
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  let count = 0;
  return {
    async createDatabase() {
      count += 1;
      const name = `test_${count}`;
      await admin.query(`create database ${name}`);
      return server.url(name);
    },
    async stop() {
      await admin.end();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
