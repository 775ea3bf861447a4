import { z } from 'zod';
import { baseBackup } from './base-backup.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { clusterReply } from './cluster-reply.ts';
import { snapshotMissing } from './cluster-snapshots.ts';
import { engineVersion } from './cluster-source.ts';
import { clusterStatus, recordStatus, requireAvailable } from './cluster-status.ts';
import { clusterMissing, clusterTaken } from './clusters.ts';
import { identifierIn } from './identifier.ts';
import { copyStopped } from './local-clusters.ts';
import { flag } from './parameter-kinds.ts';
import type { XmlValue } from './query-reply.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { invalidParameter, RdsFault } from './rds-fault.ts';
import { requireEngine, requireOurs, restoredRecord, restoreParameters } from './restored-record.ts';
import type { CopyFrom } from './snapshot-copies.ts';
import { statusOf } from './snapshot-status.ts';
import type { SnapshotRecord } from './snapshot-store.ts';

/** Keeps the record and begins the copy. */
const begin = (context: RdsContext, record: ClusterRecord, from: CopyFrom): XmlValue => {
  if (!context.clusters.add(record)) throw clusterTaken(record.identifier);
  context.clusters.copy(record, from);
  return { DBCluster: clusterReply(context, record) };
};

const fromSnapshot =
  ({ store }: RdsContext, { identifier }: SnapshotRecord): CopyFrom =>
  (target, progress) =>
    copyStopped(store.dataOf(identifier), target, progress);

export const restoreDBClusterFromSnapshot = rdsAction(
  z.strictObject({
    ...restoreParameters,
    SnapshotIdentifier: z.string(),
    Engine: z.string(),
    EngineVersion: z.string().optional(),
  }),
  (context, parameters) => {
    const identifier = identifierIn('cluster-snapshot', parameters.SnapshotIdentifier);
    const snapshot = context.store.find(identifier);
    if (snapshot === undefined) throw snapshotMissing(parameters.SnapshotIdentifier);
    requireOurs(context, snapshot.kind);
    requireEngine(snapshot.engineVersion, parameters.Engine, parameters.EngineVersion);
    const record = restoredRecord(context, parameters, {
      sourceIdentifier: snapshot.clusterIdentifier,
      snapshotIdentifier: snapshot.identifier,
      isClone: false,
      engineVersion: snapshot.engineVersion,
    });
    const status = statusOf(context, snapshot);
    if (status !== 'available')
      throw new RdsFault(
        'InvalidDBClusterSnapshotStateFault',
        400,
        `The snapshot ${identifier} is not in the available state: ${status}`,
      );
    return begin(context, record, fromSnapshot(context, snapshot));
  },
);

/** The newest whose copy ended not after the instant: what was written between is not in it. @throws RdsFault */
const snapshotAt = (context: RdsContext, clusterArn: string, at: number): SnapshotRecord => {
  if (at > context.clock.now())
    throw new RdsFault('InvalidRestoreFault', 400, 'The restore time is after the latest restorable time');
  const found = context.store
    .all()
    .filter((each) => each.clusterArn === clusterArn && statusOf(context, each) === 'available')
    .map((snapshot) => ({ snapshot, endedAt: snapshot.completedAtEpochMs ?? snapshot.createdAtEpochMs }))
    .filter(({ endedAt }) => endedAt <= at)
    .toSorted((a, b) => b.endedAt - a.endedAt)[0];
  if (found === undefined)
    throw new RdsFault(
      'InvalidRestoreFault',
      400,
      'The restore time is before the earliest restorable time: the local RDS has the instants of its snapshots only',
    );
  return found.snapshot;
};

const combination = (message: string): RdsFault => new RdsFault('InvalidParameterCombination', 400, message);

export const restoreDBClusterToPointInTime = rdsAction(
  z.strictObject({
    ...restoreParameters,
    SourceDBClusterIdentifier: z.string(),
    RestoreType: z.enum(['full-copy', 'copy-on-write']).default('full-copy'),
    RestoreToTime: z.string().optional(),
    UseLatestRestorableTime: flag.default(false),
  }),
  (context, parameters) => {
    const { source, clusters } = context;
    const { RestoreToTime, UseLatestRestorableTime, RestoreType } = parameters;
    const identifier = identifierIn('cluster', parameters.SourceDBClusterIdentifier);
    const restored = identifier === source.clusterIdentifier ? undefined : clusters.find(identifier);
    if (identifier !== source.clusterIdentifier && restored === undefined)
      throw clusterMissing(parameters.SourceDBClusterIdentifier);
    requireOurs(context, source.kind);
    const isClone = RestoreType === 'copy-on-write';
    if (isClone && RestoreToTime !== undefined)
      throw combination('RestoreToTime cannot be specified when the restore type is copy-on-write');
    if ((RestoreToTime !== undefined) === UseLatestRestorableTime)
      throw combination('Either RestoreToTime or UseLatestRestorableTime must be specified, and not both');
    const at = RestoreToTime === undefined ? undefined : Date.parse(RestoreToTime);
    if (Number.isNaN(at)) throw invalidParameter('Invalid value for the parameter RestoreToTime');
    const arn = restored?.arn ?? source.clusterArn;
    const snapshot = at === undefined ? undefined : snapshotAt(context, arn, at);
    if (snapshot !== undefined) requireOurs(context, snapshot.kind);
    const status = restored === undefined ? clusterStatus(context) : recordStatus(context, restored);
    if (snapshot === undefined && status !== 'backing-up') requireAvailable(identifier, status);
    const record = restoredRecord(context, parameters, {
      sourceIdentifier: identifier,
      snapshotIdentifier: snapshot?.identifier,
      isClone,
      engineVersion: snapshot?.engineVersion ?? restored?.engineVersion ?? engineVersion(source),
    });
    if (snapshot !== undefined) return begin(context, record, fromSnapshot(context, snapshot));
    if (restored !== undefined) return begin(context, record, clusters.copyOf(restored));
    return begin(context, record, (target, progress) =>
      source.kind === 'embedded'
        ? baseBackup(source.postgres, target, progress)
        : Promise.reject(new Error('external')),
    );
  },
);
