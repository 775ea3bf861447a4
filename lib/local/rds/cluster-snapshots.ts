import { z } from 'zod';
import type { ClusterRecord } from './cluster-record.ts';
import { arnBeside, engineVersion } from './cluster-source.ts';
import { clusterStatus, recordStatus, requireAvailable } from './cluster-status.ts';
import { clusterMissing } from './clusters.ts';
import { identifierIn, storedIdentifier } from './identifier.ts';
import { describing, filtered, paged } from './paging.ts';
import { list, type XmlValue } from './query-reply.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { RdsFault } from './rds-fault.ts';
import { percentOf, statusOf } from './snapshot-status.ts';
import type { SnapshotRecord } from './snapshot-store.ts';
import { mergedTags, tagList, tagsParameter } from './tag-rules.ts';
import { dropTemplateCopy } from './template-copy.ts';

/** Manual snapshots of a region, by default: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html */
const quota = 100;
export const snapshotQuotaReached = (): RdsFault =>
  new RdsFault('SnapshotQuotaExceeded', 400, `Cannot create more than ${quota} manual snapshots`);

const snapshotReply = (context: RdsContext, record: SnapshotRecord): XmlValue => ({
  AvailabilityZones: list('AvailabilityZone', []),
  DBClusterSnapshotIdentifier: record.identifier,
  DBClusterIdentifier: record.clusterIdentifier,
  DBClusterSnapshotArn: record.arn,
  SnapshotCreateTime: new Date(record.createdAtEpochMs),
  SnapshotType: 'manual',
  Status: statusOf(context, record),
  PercentProgress: percentOf(context, record),
  Engine: 'aurora-postgresql',
  EngineVersion: record.engineVersion,
  EngineMode: 'provisioned',
  LicenseModel: 'postgresql-license',
  AllocatedStorage: 1,
  Port: 0,
  StorageEncrypted: false,
  IAMDatabaseAuthenticationEnabled: false,
  TagList: tagList(record.tags),
});

export const createDBClusterSnapshot = rdsAction(
  z.strictObject({ DBClusterSnapshotIdentifier: z.string(), DBClusterIdentifier: z.string(), Tags: tagsParameter }),
  (context, parameters) => {
    const { source, store, clock } = context;
    const identifier = storedIdentifier('DBClusterSnapshotIdentifier', parameters.DBClusterSnapshotIdentifier);
    const wanted = parameters.DBClusterIdentifier.toLowerCase();
    const restored = wanted === source.clusterIdentifier ? undefined : context.clusters.find(wanted);
    if (wanted !== source.clusterIdentifier && restored === undefined)
      throw clusterMissing(parameters.DBClusterIdentifier);
    const tags = mergedTags([], parameters.Tags);
    if (store.find(identifier) !== undefined) throw alreadyExists(identifier);
    requireAvailable(wanted, restored === undefined ? clusterStatus(context) : recordStatus(context, restored));
    if (store.all().length >= quota) {
      throw snapshotQuotaReached();
    }
    const now = clock.now();
    const record: SnapshotRecord = {
      identifier,
      arn: arnBeside(source, 'cluster-snapshot', identifier),
      clusterIdentifier: wanted,
      clusterArn: restored?.arn ?? source.clusterArn,
      kind: source.kind,
      engineVersion: restored?.engineVersion ?? engineVersion(source),
      createdAtEpochMs: now,
      notBeforeEpochMs: now + context.snapshotTakesMs,
      state: 'copying',
      owner: context.owner,
      tags,
    };
    if (!store.add(record)) throw alreadyExists(identifier);
    context.copies.begin(identifier, restored && context.clusters.copyOf(restored));
    return { DBClusterSnapshot: snapshotReply(context, record) };
  },
);

export const describeDBClusterSnapshots = rdsAction(
  z.strictObject({
    DBClusterSnapshotIdentifier: z.string().optional(),
    DBClusterIdentifier: z.string().optional(),
    SnapshotType: z.string().optional(),
    IncludeShared: z.literal('false').optional(),
    IncludePublic: z.literal('false').optional(),
    ...describing,
  }),
  (context, parameters) => {
    const wanted = parameters.DBClusterSnapshotIdentifier;
    const named = wanted === undefined ? undefined : identifierIn('cluster-snapshot', wanted);
    const cluster = parameters.DBClusterIdentifier;
    if (named !== undefined && context.store.find(named) === undefined) throw snapshotMissing(wanted ?? '');
    const records = context.store
      .all()
      .filter(({ identifier }) => named === undefined || identifier === named)
      .filter((record) => cluster === undefined || record.clusterIdentifier === identifierIn('cluster', cluster))
      .filter(() => parameters.SnapshotType === undefined || parameters.SnapshotType === 'manual');
    const found = filtered(records, parameters.Filters, {
      'db-cluster-id': (record) => [record.clusterIdentifier, record.clusterArn],
      'db-cluster-snapshot-id': (record) => [record.identifier, record.arn],
      'snapshot-type': () => ['manual'],
      engine: () => ['aurora-postgresql'],
    });
    const { page, marker } = paged(found, ({ identifier }) => identifier, parameters);
    return {
      Marker: marker,
      DBClusterSnapshots: list(
        'DBClusterSnapshot',
        page.map((record) => snapshotReply(context, record)),
      ),
    };
  },
);

export const deleteDBClusterSnapshot = rdsAction(
  z.strictObject({ DBClusterSnapshotIdentifier: z.string() }),
  async (context, { DBClusterSnapshotIdentifier }) => {
    const { source, store } = context;
    const identifier = identifierIn('cluster-snapshot', DBClusterSnapshotIdentifier);
    const record = store.find(identifier);
    if (record === undefined) throw snapshotMissing(DBClusterSnapshotIdentifier);
    if (statusOf(context, record) === 'creating') {
      throw new RdsFault(
        'InvalidDBClusterSnapshotStateFault',
        400,
        `Cannot delete the snapshot ${identifier}: it is in the state creating`,
      );
    }
    const reader = context.clusters
      .all()
      .find((each) => each.snapshotIdentifier === identifier && isCopied(context, each));
    if (reader !== undefined) {
      throw new RdsFault(
        'InvalidDBClusterSnapshotStateFault',
        400,
        `Cannot delete the snapshot ${identifier}: the cluster ${reader.identifier} is being restored from it`,
      );
    }
    const reply = snapshotReply(context, record);
    if (record.kind === 'external' && source.kind === 'external') await dropTemplateCopy(source, identifier);
    store.remove(identifier);
    return { DBClusterSnapshot: reply };
  },
);

const alreadyExists = (identifier: string): RdsFault =>
  new RdsFault(
    'DBClusterSnapshotAlreadyExistsFault',
    400,
    `Cannot create the cluster snapshot because one with the identifier ${identifier} already exists.`,
  );

/** Whether its data are still being copied. */
const isCopied = (context: RdsContext, record: ClusterRecord): boolean =>
  record.state === 'copying' && recordStatus(context, record) === 'creating';

export const snapshotMissing = (identifier: string): RdsFault =>
  new RdsFault('DBClusterSnapshotNotFoundFault', 404, `DBClusterSnapshot not found: ${identifier}`);
