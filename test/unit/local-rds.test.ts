import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RDS, DBClusterSnapshotNotFoundFault } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segments } from '../../lib/local/rds/base-backup.ts';
import { type RdsFaults, type RdsServer, startRds } from '../../lib/local/rds/index.ts';
import { readQuery } from '../../lib/local/rds/query-request.ts';
import { snapshotStore } from '../../lib/local/rds/snapshot-store.ts';
import { clusterNames, credentials, rdsClient } from '../support/snapshot-cluster.ts';

let directory: string;
let rds: RdsServer;
let client: RDS;
let now: number;
let faults: RdsFaults;

// No database stands behind these: what is tried here ends before, or apart from, a copy.
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'local-rds-'));
  now = Date.UTC(2025, 9, 16, 12);
  faults = {};
  rds = await startRds({
    credentials,
    cluster: { ...clusterNames, kind: 'external', url: 'postgresql://127.0.0.1:1/app', withDrained: (work) => work() },
    directory,
    clock: { now: () => now },
    faults: { answer: (action) => faults.answer?.(action), clusterStatus: () => faults.clusterStatus?.() },
  });
  client = rdsClient(rds.url);
});
afterEach(async () => {
  client.destroy();
  await rds.close();
  rmSync(directory, { recursive: true });
});

const keep = (identifier: string, more: { notBeforeEpochMs?: number; tags?: { Key: string; Value: string }[] } = {}) =>
  snapshotStore(join(directory, 'snapshots')).add({
    identifier,
    arn: `arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:${identifier}`,
    ...clusterNames,
    kind: 'external',
    engineVersion: '17',
    createdAtEpochMs: now,
    notBeforeEpochMs: now,
    state: 'complete',
    owner: { process: '1-1', server: 'another' },
    tags: [],
    ...more,
  });
const create = (identifier: string, cluster = 'shop') =>
  client.createDBClusterSnapshot({ DBClusterIdentifier: cluster, DBClusterSnapshotIdentifier: identifier });

const progressOf = async (identifier: string) => {
  const { DBClusterSnapshots } = await client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: identifier });
  return [DBClusterSnapshots?.[0]?.Status, DBClusterSnapshots?.[0]?.PercentProgress];
};

describe('refuses as the service does', () => {
  it.each(['', '1abc', 'a--b', 'a-', '-a', 'a_b', 'ä', `a${'b'.repeat(63)}`])(
    'a snapshot named %j',
    async (identifier) => {
      await expect(create(identifier)).rejects.toMatchObject({
        name: 'InvalidParameterValue',
        message: expect.stringContaining('is not a valid identifier'),
      });
    },
  );

  it('a snapshot of a cluster that is not there', async () => {
    await expect(create('s', 'other')).rejects.toMatchObject({
      name: 'DBClusterNotFoundFault',
      message: 'DBCluster other not found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('a snapshot of a cluster that is not available', async () => {
    faults = { clusterStatus: () => 'stopped' };
    await expect(create('s')).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
      message: 'DBCluster shop is not in the available state: stopped',
    });
  });

  it('a second snapshot while one is made', async () => {
    keep('first', { notBeforeEpochMs: now + 1 });
    await expect(create('second')).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
      message: 'DBCluster shop is not in the available state: backing-up',
    });
  });

  it('a name that is taken, in whatever case, before it looks at the state of the cluster', async () => {
    keep('taken', { notBeforeEpochMs: now + 1 });
    await expect(create('TAKEN')).rejects.toMatchObject({
      name: 'DBClusterSnapshotAlreadyExistsFault',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('the 101st snapshot', async () => {
    for (let index = 0; index < 100; index += 1) keep(`s${index}`);
    await expect(create('one-more')).rejects.toMatchObject({ name: 'SnapshotQuotaExceededFault' });
  });

  it('to show a snapshot that is not there', async () => {
    const shown = client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: 'no' });
    await expect(shown).rejects.toBeInstanceOf(DBClusterSnapshotNotFoundFault);
  });

  it('to delete a snapshot that is being made', async () => {
    keep('s', { notBeforeEpochMs: now + 1 });
    await expect(client.deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: 's' })).rejects.toMatchObject({
      name: 'InvalidDBClusterSnapshotStateFault',
    });
  });

  it('a tag whose key is reserved, or whose value holds a sign that is not allowed', async () => {
    keep('s');
    const ResourceName = 'arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:s';
    for (const tag of [
      { Key: 'aws:x', Value: '' },
      { Key: 'k', Value: 'a;b' },
    ]) {
      await expect(client.addTagsToResource({ ResourceName, Tags: [tag] })).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
    }
  });
});

describe('says by name what is not imitated', () => {
  it('a call', async () => {
    await expect(client.describeDBSubnetGroups({})).rejects.toMatchObject({
      name: 'SdkActionUnsupported',
      message: 'rds:DescribeDBSubnetGroups is not imitated by the local RDS',
    });
  });

  it('a parameter', async () => {
    await expect(client.describeDBClusterSnapshots({ DbClusterResourceId: 'x' })).rejects.toMatchObject({
      name: 'SdkActionUnsupported',
      message: 'parameter DbClusterResourceId of rds:DescribeDBClusterSnapshots is not imitated by the local RDS',
    });
  });
});

describe('a snapshot', () => {
  it('is creating until its least time has passed by the given clock', async () => {
    keep('s', { notBeforeEpochMs: now + 60_000 });
    expect(await progressOf('s')).toEqual(['creating', 0]);
    now += 30_000;
    expect(await progressOf('s')).toEqual(['creating', 49]);
    now += 30_000;
    expect(await progressOf('s')).toEqual(['available', 100]);
  });

  it('has tags: those given, then those added, which win', async () => {
    keep('s', { tags: [{ Key: 'a', Value: '1' }] });
    const ResourceName = 'arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:s';
    const added = [
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: 'ü + x:y/z@' },
      { Key: 'empty', Value: '' },
    ];
    await client.addTagsToResource({ ResourceName, Tags: added });
    expect((await client.listTagsForResource({ ResourceName })).TagList).toEqual(added);
  });

  it('is found by its ARN, its cluster, a filter; pages are of the size asked for', async () => {
    for (let index = 10; index < 40; index += 1) keep(`s${index}`);
    const arn = 'arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:s17';
    const byArn = await client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: arn });
    expect(byArn.DBClusterSnapshots?.map((each) => each.DBClusterSnapshotArn)).toEqual([arn]);
    const other = await client.describeDBClusterSnapshots({ DBClusterIdentifier: 'other' });
    expect(other.DBClusterSnapshots).toEqual([]);
    const Filters = [{ Name: 'db-cluster-snapshot-id', Values: ['s11', 's39'] }];
    const filtered = await client.describeDBClusterSnapshots({ Filters });
    expect(filtered.DBClusterSnapshots?.map((each) => each.DBClusterSnapshotIdentifier)).toEqual(['s11', 's39']);
    const first = await client.describeDBClusterSnapshots({ MaxRecords: 20 });
    const second = await client.describeDBClusterSnapshots({ MaxRecords: 20, Marker: first.Marker });
    expect(first.DBClusterSnapshots?.length).toBe(20);
    expect(second.DBClusterSnapshots?.map((each) => each.DBClusterSnapshotIdentifier)[0]).toBe('s30');
    expect([second.DBClusterSnapshots?.length, second.Marker]).toEqual([10, undefined]);
  });

  it('fails with the reason kept when the database cannot be reached', async () => {
    await create('S-1');
    await expect
      .poll(async () => (await client.describeDBClusterSnapshots({})).DBClusterSnapshots?.[0]?.Status)
      .toBe('failed');
    expect(rds.failureOf('s-1')).toContain('ECONNREFUSED');
    await expect(create('s-1')).rejects.toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
  });
});

it('shows its cluster, and no other', async () => {
  const { DBClusters } = await client.describeDBClusters({ DBClusterIdentifier: 'shop' });
  expect(DBClusters).toMatchObject([
    {
      DBClusterArn: clusterNames.clusterArn,
      Status: 'available',
      Engine: 'aurora-postgresql',
      HttpEndpointEnabled: true,
    },
  ]);
  await expect(client.describeDBClusters({ DBClusterIdentifier: 'x' })).rejects.toMatchObject({
    name: 'DBClusterNotFoundFault',
  });
});

it('answers an injected fault instead of the call', async () => {
  faults = { answer: () => ({ code: 'Throttling', status: 400, message: 'Rate exceeded' }) };
  await expect(client.describeDBClusters({})).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  expect(rds.calls).toEqual({ DescribeDBClusters: 1 });
});

it('fails with PortTaken when something else listens on its port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await expect(
    startRds({
      cluster: {
        ...clusterNames,
        kind: 'external',
        url: 'postgresql://127.0.0.1:1/app',
        withDrained: (work) => work(),
      },
      directory,
      port,
    }),
  ).rejects.toMatchObject({ code: 'PortTaken' });
  other.close();
});

it('reads nested parameters of the query protocol, lists in the order of their numbers', () => {
  const body = 'Action=A&Version=V&L.Tag.2.Key=b&L.Tag.10.Key=c&L.Tag.1.Key=a&M.N=1&__proto__.x=1';
  const { action, parameters } = readQuery(body);
  expect(action).toBe('A');
  expect(parameters).toMatchObject({ L: [{ Key: 'a' }, { Key: 'b' }, { Key: 'c' }], M: { N: '1' } });
  expect(({} as { x?: string }).x).toBeUndefined();
});

it('names the WAL files of a range over the end of the lower half', () => {
  expect(segments('000000010000000000000FFF', '000000010000000100000001', 1024 * 1024)).toEqual([
    '000000010000000000000FFF',
    '000000010000000100000000',
    '000000010000000100000001',
  ]);
});
