import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { RDS } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, openPostgres } from '../../lib/local/postgres/index.ts';
import { openSnapshot, type RdsFaults, type RdsServer, startRds } from '../../lib/local/rds/index.ts';
import { clusterNames, credentials, rdsClient, statusInTheEnd } from '../support/snapshot-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-rds-'));
let postgres: LocalPostgres;
let rds: RdsServer;
let client: RDS;
let faults: RdsFaults = {};
const said: string[] = [];

const start = (): Promise<RdsServer> =>
  startRds({
    credentials,
    cluster: { ...clusterNames, kind: 'embedded', postgres },
    directory,
    faults: { copying: async (identifier) => faults.copying?.(identifier) },
    log: (line) => said.push(line),
  });
const query = async (url: string, sql: string): Promise<unknown[]> => {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  try {
    return (await session.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await session.end();
  }
};
const create = (identifier: string) =>
  client.createDBClusterSnapshot({
    DBClusterIdentifier: 'shop',
    DBClusterSnapshotIdentifier: identifier,
    Tags: [{ Key: 'lockkeeper:run', Value: 'arn:aws:states:eu-west-1:123456789012:execution:Migrate:one' }],
  });

beforeAll(async () => {
  postgres = await openPostgres({ directory, fsync: false });
  rds = await start();
  client = rdsClient(rds.url);
  await query(
    postgres.url(),
    `create table good as select n, repeat(md5(n::text), 20) as text, decode(md5(n::text), 'hex') as bytes
     from generate_series(1, 20000) as n`,
  );
});
afterAll(async () => {
  client.destroy();
  await rds.close();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

const digest = `select md5(string_agg(good::text, ',' order by n)) from good where n <= 20000`;

it('a snapshot holds every committed row byte for byte while writes and checkpoints go on during its copy', async () => {
  const before = await query(postgres.url(), digest);
  const copying = new AbortController();
  let written = 20_000;
  const writer = (async () => {
    const session = new pg.Client({ connectionString: postgres.url() });
    await session.connect();
    while (!copying.signal.aborted) {
      await session.query(`insert into good select $1::int, repeat(md5($1::text), 200), '\\x00'`, [written + 1]);
      written += 1;
    }
    await session.end();
  })();
  let atLeast = 0;
  faults = {
    copying: async () => {
      // Enough WAL, switched and checkpointed, that the server would reuse its first files if nothing kept them.
      for (let round = 0; round < 6; round += 1) {
        await query(
          postgres.url(),
          'create table filler as select repeat(md5(n::text), 30) from generate_series(1, 3000) as n',
        );
        await query(postgres.url(), 'drop table filler');
        await query(postgres.url(), 'select pg_switch_wal()');
        await query(postgres.url(), 'checkpoint');
      }
      atLeast = written;
    },
  };
  const { DBClusterSnapshot } = await create('Busy');
  expect(DBClusterSnapshot).toMatchObject({
    DBClusterSnapshotIdentifier: 'busy',
    DBClusterSnapshotArn: 'arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:busy',
    Status: 'creating',
    EngineVersion: postgres.version,
    TagList: [{ Key: 'lockkeeper:run', Value: 'arn:aws:states:eu-west-1:123456789012:execution:Migrate:one' }],
  });
  expect(await statusInTheEnd(client, 'busy')).toBe('available');
  copying.abort();
  await writer;
  faults = {};
  await query(postgres.url(), 'drop table good');

  const copy = await openSnapshot(directory, 'busy');
  expect(await query(copy.url(), digest)).toEqual(before);
  const log = readFileSync(join(copy.dataDirectory, '..', 'server.log'), 'utf8');
  expect(log).toMatch(/starting backup recovery[^]*completed backup recovery/);
  const [rows, last] = await query(copy.url(), 'select count(*)::int, max(n) from good');
  expect(rows).toBe(last);
  expect(rows).toBeGreaterThanOrEqual(atLeast);
  expect(atLeast).toBeGreaterThan(20_000);
  await query(copy.url(), 'drop table good');
  await copy.stop();
  expect(readdirSync(join(directory, 'opened'))).toEqual([]);

  const again = await openSnapshot(directory, 'busy');
  expect(await query(again.url(), digest)).toEqual(before);
  await again.stop();
  expect(await query(postgres.url(), `select count(*)::int from pg_replication_slots`)).toEqual([0]);
});

it('is still there, and available, for the next server on the directory', async () => {
  await create('kept');
  expect(await statusInTheEnd(client, 'kept')).toBe('available');
  const next = await start();
  expect(await statusInTheEnd(rdsClient(next.url), 'kept')).toBe('available');
  await next.close();
});

it('is deleted with its data', async () => {
  await create('gone');
  await statusInTheEnd(client, 'gone');
  expect(existsSync(join(directory, 'snapshots', 'gone', 'data', 'PG_VERSION'))).toBe(true);
  await client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: 'gone' });
  expect(existsSync(join(directory, 'snapshots', 'gone'))).toBe(false);
  await expect(client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: 'gone' })).rejects.toMatchObject({
    name: 'DBClusterSnapshotNotFoundFault',
  });
});

it('that fails keeps its reason and leaves no data behind', async () => {
  faults = { copying: () => Promise.reject(new Error('no space left on the disk')) };
  await create('broken');
  expect(await statusInTheEnd(client, 'broken')).toBe('failed');
  faults = {};
  expect(rds.failureOf('broken')).toBe('no space left on the disk');
  expect(said).toContain('snapshot broken failed: no space left on the disk');
  expect(existsSync(join(directory, 'snapshots', 'broken'))).toBe(false);
  await expect(openSnapshot(directory, 'broken')).rejects.toMatchObject({ code: 'SnapshotFailed' });
});

it('whose process was killed during the copy is failed, never available; while it lived the cluster was backing up', async () => {
  const script = fileURLToPath(new URL('../support/hold-snapshot.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, 'killed'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const { DBClusters } = await client.describeDBClusters({});
  expect(DBClusters?.[0]?.Status).toBe('backing-up');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(await statusInTheEnd(client, 'killed')).toBe('failed');
  expect(rds.failureOf('killed')).toBe('the process that copied it ended before the copy was complete');
  await client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: 'killed' });
  expect(existsSync(join(directory, 'snapshots', 'killed'))).toBe(false);
});
