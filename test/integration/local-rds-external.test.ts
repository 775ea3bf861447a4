import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { RDS } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, openPostgres } from '../../lib/local/postgres/index.ts';
import { type RdsServer, startRds } from '../../lib/local/rds/index.ts';
import { clusterNames, credentials, rdsClient, statusInTheEnd } from '../support/snapshot-cluster.ts';

// A server of ours plays the one that the developer's application has already.
const directory = mkdtempSync(join(tmpdir(), 'local-rds-external-'));
let postgres: LocalPostgres;
let rds: RdsServer;
let client: RDS;
let ours: pg.Client;
const connect = async (database?: string): Promise<pg.Client> => {
  const session = new pg.Client({ connectionString: postgres.url(database) });
  await session.connect();
  return session;
};

beforeAll(async () => {
  postgres = await openPostgres({ directory, fsync: false });
  ours = await connect();
  await ours.query(`create table ship as select 'Anna' as name`);
  rds = await startRds({
    credentials,
    cluster: {
      ...clusterNames,
      kind: 'external',
      url: postgres.url(),
      engineVersion: '17.2',
      async withDrained(work) {
        await ours.end();
        try {
          return await work();
        } finally {
          ours = await connect();
        }
      },
    },
    directory,
  });
  client = rdsClient(rds.url);
});
afterAll(async () => {
  client.destroy();
  await rds.close();
  await ours.end();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});
const create = (identifier: string) =>
  client.createDBClusterSnapshot({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: identifier });

it('copies the database beside it once our own sessions are closed, and drops the copy with the snapshot', async () => {
  await create('before-drop');
  expect(await statusInTheEnd(client, 'before-drop')).toBe('available');
  await ours.query('drop table ship');
  const copy = await connect('before-drop');
  expect((await copy.query('select name from ship')).rows).toEqual([{ name: 'Anna' }]);
  await copy.end();
  await client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: 'before-drop' });
  const left = await ours.query(`select from pg_database where datname = 'before-drop'`);
  expect(left.rowCount).toBe(0);
});

it('fails, and says who is in the way, while somebody else is connected', async () => {
  const other = await connect();
  const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
  await create('occupied');
  expect(await statusInTheEnd(client, 'occupied')).toBe('failed');
  expect(rds.failureOf('occupied')).toBe(
    `database app has other sessions (${rows[0]?.pid}); PostgreSQL copies it only while nobody is connected: ` +
      'stop the application and run again',
  );
  await other.end();
});

it('never touches a database that has the name of a snapshot', async () => {
  await ours.query('create database precious');
  await create('precious');
  expect(await statusInTheEnd(client, 'precious')).toBe('failed');
  expect(rds.failureOf('precious')).toBe('database "precious" already exists');
  await client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: 'precious' });
  const left = await ours.query(`select from pg_database where datname = 'precious'`);
  expect(left.rowCount).toBe(1);
});
