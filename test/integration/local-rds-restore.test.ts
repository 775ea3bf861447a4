import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { RDS } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, openPostgres } from '../../lib/local/postgres/index.ts';
import { type RdsServer, startRds } from '../../lib/local/rds/index.ts';
import { clusterNames, credentials, rdsClient, statusInTheEnd } from '../support/snapshot-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-rds-'));
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';
const Engine = 'aurora-postgresql';
const scaling = { MinCapacity: 0.5, MaxCapacity: 4 };
let postgres: LocalPostgres;
let rds: RdsServer;
let client: RDS;

const start = (): Promise<RdsServer> =>
  startRds({ credentials, cluster: { ...clusterNames, secretArn, kind: 'embedded', postgres }, directory });
const query = async (url: string, sql: string): Promise<unknown[]> => {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  try {
    return (await session.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await session.end();
  }
};
const arnOf = (identifier: string): string => `arn:aws:rds:eu-west-1:123456789012:cluster:${identifier}`;
const copied = (identifier: string, sql: string): Promise<unknown[]> =>
  rds
    .clusterOf(arnOf(identifier))!
    .connectionString()
    .then((url) => query(url, sql));
const clusterNow = async (identifier: string) =>
  (await client.describeDBClusters({ DBClusterIdentifier: identifier })).DBClusters![0]!;
const available = async (identifier: string): Promise<void> => {
  await expect.poll(async () => (await clusterNow(identifier)).Status, { timeout: 20_000 }).toBe('available');
};
const instanceAvailable = async (identifier: string): Promise<void> => {
  const status = async () =>
    (await client.describeDBInstances({ DBInstanceIdentifier: identifier })).DBInstances![0]!.DBInstanceStatus;
  await expect.poll(status, { timeout: 20_000 }).toBe('available');
};
const instance = async (identifier: string): Promise<void> => {
  const { DBInstance } = await client.createDBInstance({
    DBInstanceIdentifier: `${identifier}-1`,
    DBClusterIdentifier: identifier,
    DBInstanceClass: 'db.serverless',
    Engine,
  });
  expect(DBInstance?.DBInstanceStatus).toBe('creating');
  await instanceAvailable(`${identifier}-1`);
};
const dataOf = (): string[] => readdirSync(join(directory, 'clusters')).filter((name) => name.startsWith('cluster-'));

beforeAll(async () => {
  postgres = await openPostgres({ directory, fsync: false });
  rds = await start();
  client = rdsClient(rds.url);
  await query(postgres.url(), `create table ship as select n, md5(n::text) as name from generate_series(1, 5000) as n`);
  await client.createDBClusterSnapshot({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: 'before' });
  expect(await statusInTheEnd(client, 'before')).toBe('available');
  await query(postgres.url(), 'alter table ship drop column name');
});
afterAll(async () => {
  client.destroy();
  await rds.close();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

it('a snapshot becomes a cluster with its rows beside the live one: restore, instance, endpoint', async () => {
  const { DBCluster } = await client.restoreDBClusterFromSnapshot({
    DBClusterIdentifier: 'Shop-Restored',
    SnapshotIdentifier: 'before',
    Engine,
    EngineVersion: postgres.version,
    DBSubnetGroupName: 'default',
    VpcSecurityGroupIds: ['sg-00000000'],
    DBClusterParameterGroupName: 'default.aurora-postgresql17',
    ServerlessV2ScalingConfiguration: scaling,
    EnableIAMDatabaseAuthentication: false,
    CopyTagsToSnapshot: true,
    DeletionProtection: false,
    Tags: [{ Key: 'lockkeeper:run', Value: 'one' }],
  });
  expect(DBCluster).toMatchObject({
    DBClusterIdentifier: 'shop-restored',
    DBClusterArn: arnOf('shop-restored'),
    Status: 'creating',
    HttpEndpointEnabled: false,
    DBClusterMembers: [],
    ServerlessV2ScalingConfiguration: scaling,
    TagList: [{ Key: 'lockkeeper:run', Value: 'one' }],
  });
  await available('shop-restored');
  expect(rds.clusterOf(arnOf('shop-restored'))).toMatchObject({ dataApiEnabled: false, hasInstance: false, secretArn });
  await instance('shop-restored');
  await client.enableHttpEndpoint({ ResourceArn: arnOf('shop-restored') });
  expect(rds.clusterOf(arnOf('shop-restored'))).toMatchObject({ dataApiEnabled: true, hasInstance: true });
  expect(await copied('shop-restored', 'select count(*)::int, min(name) from ship')).toEqual([
    5000,
    '0004d0b59e19461ff126e3a08a814c33',
  ]);
  const { Port, DBClusterMembers } = await clusterNow('shop-restored');
  expect(Port).toBeGreaterThan(1024);
  expect(DBClusterMembers).toMatchObject([{ DBInstanceIdentifier: 'shop-restored-1', IsClusterWriter: true }]);
  const liveColumns = `select attname::text from pg_attribute where attrelid = 'ship'::regclass and attnum > 0 and not attisdropped`;
  expect(await query(postgres.url(), liveColumns)).toEqual(['n']);
});

it('an instant becomes a cluster with the rows of the newest snapshot before it, a clone one with the rows of now', async () => {
  const at = new Date();
  await client.restoreDBClusterToPointInTime({
    DBClusterIdentifier: 'then',
    SourceDBClusterIdentifier: 'shop',
    RestoreToTime: at,
  });
  await client.restoreDBClusterToPointInTime({
    DBClusterIdentifier: 'now',
    SourceDBClusterIdentifier: arnOf('shop'),
    RestoreType: 'copy-on-write',
    UseLatestRestorableTime: true,
  });
  await Promise.all([available('then'), available('now')]);
  expect((await clusterNow('now')).CloneGroupId).toBe('shop');
  expect(await copied('then', 'select count(name)::int from ship')).toEqual([5000]);
  expect(await copied('now', 'select * from ship where n < 3 order by n')).toEqual([1, 2]);
  await query(postgres.url(), 'delete from ship where n = 1');
  expect(await copied('now', 'select count(*)::int from ship')).toEqual([5000]);

  const early = new Date(Date.now() - 86_400_000);
  const restore = { DBClusterIdentifier: 'x', SourceDBClusterIdentifier: 'shop' };
  for (const RestoreToTime of [early, new Date(Date.now() + 60_000)])
    await expect(client.restoreDBClusterToPointInTime({ ...restore, RestoreToTime })).rejects.toMatchObject({
      name: 'InvalidRestoreFault',
    });
});

it('a copy can be copied, and a snapshot taken of it', async () => {
  await copied('now', 'create table only_here (n int)');
  await client.restoreDBClusterToPointInTime({
    DBClusterIdentifier: 'again',
    SourceDBClusterIdentifier: 'now',
    UseLatestRestorableTime: true,
  });
  await client.createDBClusterSnapshot({ DBClusterIdentifier: 'now', DBClusterSnapshotIdentifier: 'of-now' });
  expect(await statusInTheEnd(client, 'of-now')).toBe('available');
  await available('again');
  expect(await copied('again', 'select count(*)::int from only_here')).toEqual([0]);
});

it('a renamed cluster keeps its rows and loses its Data API until that was switched off and on', async () => {
  const { DBCluster } = await client.modifyDBCluster({
    DBClusterIdentifier: 'shop-restored',
    NewDBClusterIdentifier: 'shop-two',
    ApplyImmediately: true,
  });
  expect(DBCluster?.Status).toBe('renaming');
  await available('shop-two');
  await expect(clusterNow('shop-restored')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  expect(rds.clusterOf(arnOf('shop-restored'))).toBeUndefined();
  const arn = arnOf('shop-two');
  await client.enableHttpEndpoint({ ResourceArn: arn });
  expect(rds.clusterOf(arn)?.dataApiEnabled).toBe(false);
  await client.disableHttpEndpoint({ ResourceArn: arn });
  await client.enableHttpEndpoint({ ResourceArn: arn });
  expect(rds.clusterOf(arn)?.dataApiEnabled).toBe(true);
  expect(await copied('shop-two', 'select count(*)::int from ship')).toEqual([5000]);
});

it('a password that was set makes the source’s secret wrong; a managed secret is right again', async () => {
  const cluster = { DBClusterIdentifier: 'shop-two', ApplyImmediately: true };
  await client.modifyDBCluster({ ...cluster, MasterUserPassword: "it's %20 secret" });
  await expect(copied('shop-two', 'select 1')).rejects.toMatchObject({ code: '28P01' });
  const { DBCluster } = await client.modifyDBCluster({ ...cluster, ManageMasterUserPassword: true });
  const managed = DBCluster!.MasterUserSecret!.SecretArn!;
  expect(managed).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-[\da-f]{16}-[\da-f]{6}$/);
  expect(managed.length).toBeLessThanOrEqual(100);
  expect((await clusterNow('shop-two')).MasterUserSecret).toEqual({ SecretArn: managed, SecretStatus: 'active' });
  expect(rds.clusterOf(arnOf('shop-two'))?.secretArn).toBe(managed);
  expect(await copied('shop-two', 'select 1')).toEqual([1]);
});

it('the next server on the directory has the same clusters, their data and passwords', async () => {
  const before = (await client.describeDBClusters({})).DBClusters!.map((each) => each.DBClusterIdentifier);
  expect(before).toEqual(['again', 'now', 'shop', 'shop-two', 'then']);
  await rds.close();
  client.destroy();
  rds = await start();
  client = rdsClient(rds.url);
  const after = (await client.describeDBClusters({})).DBClusters!.map((each) => each.DBClusterIdentifier);
  expect(after).toEqual(before);
  await instanceAvailable('shop-restored-1');
  expect(await copied('shop-two', 'select count(*)::int from ship')).toEqual([5000]);
});

it('a cluster is deleted after its instance, and its disk is free then', async () => {
  const gone = { DBClusterIdentifier: 'shop-two', SkipFinalSnapshot: true };
  await expect(client.deleteDBCluster(gone)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  const { DBInstance } = await client.deleteDBInstance({ DBInstanceIdentifier: 'shop-restored-1' });
  expect(DBInstance?.DBInstanceStatus).toBe('deleting');
  await expect(client.describeDBInstances({ DBInstanceIdentifier: 'shop-restored-1' })).rejects.toMatchObject({
    name: 'DBInstanceNotFoundFault',
  });
  const before = dataOf();
  expect((await client.deleteDBCluster(gone)).DBCluster?.Status).toBe('deleting');
  await expect
    .poll(() => clusterNow('shop-two').catch((error: Error) => error.name), { timeout: 10_000 })
    .toBe('DBClusterNotFoundFault');
  expect([before.length, dataOf().length]).toEqual([4, 3]);
  expect(existsSync(join(directory, 'clusters', 'shop-two.json'))).toBe(false);
});

it('a failed copy is a failed cluster, without data, that can be deleted', async () => {
  await rds.close();
  client.destroy();
  rds = await startRds({
    credentials,
    cluster: { ...clusterNames, secretArn, kind: 'embedded', postgres },
    directory,
    faults: { copying: () => Promise.reject(new Error('no space left on the disk')) },
  });
  client = rdsClient(rds.url);
  const before = dataOf();
  const wanted = { DBClusterIdentifier: 'full', SourceDBClusterIdentifier: 'shop', UseLatestRestorableTime: true };
  await client.restoreDBClusterToPointInTime({ ...wanted, RestoreType: 'copy-on-write' });
  await expect.poll(async () => (await clusterNow('full')).Status, { timeout: 10_000 }).toBe('cloning-failed');
  expect(dataOf()).toEqual(before);
  await client.deleteDBCluster({ DBClusterIdentifier: 'full', SkipFinalSnapshot: true });
  await expect(clusterNow('full')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
});
