import { isAlive } from '../postgres/index.ts';
import type { ClusterRecord, InstanceRecord } from './cluster-record.ts';
import type { RdsContext } from './rds-context.ts';
import { RdsFault } from './rds-fault.ts';
import { statusOf } from './snapshot-status.ts';

const isBackedUp = (context: RdsContext, clusterArn: string): boolean =>
  context.store.all().some((record) => record.clusterArn === clusterArn && statusOf(context, record) === 'creating');

/** Of the laptop's own cluster: `backing-up` while a snapshot of it is made, by whichever process. */
export const clusterStatus = (context: RdsContext): string =>
  context.faults.clusterStatus?.() ?? (isBackedUp(context, context.source.clusterArn) ? 'backing-up' : 'available');

/** Of one that was restored or cloned. */
export const recordStatus = (context: RdsContext, record: ClusterRecord): string => {
  const now = context.clock.now();
  if (record.goneAtEpochMs !== undefined) return 'deleting';
  const goesOn =
    record.owner.process === context.owner.process
      ? context.clusters.isCopying(record.resourceId)
      : isAlive(record.owner.process);
  if (record.state === 'failed' || (record.state === 'copying' && !goesOn))
    return record.isClone ? 'cloning-failed' : 'failed';
  if (record.state === 'copying' || record.notBeforeEpochMs > now) return 'creating';
  if (record.changing !== undefined) return record.changing.status;
  return isBackedUp(context, record.arn) ? 'backing-up' : 'available';
};

/** Those that are not gone. */
export const instancesOf = (context: RdsContext, { instances }: ClusterRecord): InstanceRecord[] =>
  instances.filter(({ goneAtEpochMs }) => goneAtEpochMs === undefined || goneAtEpochMs > context.clock.now());

/** Creating while its cluster's server is started, too. */
export const instanceStatus = (context: RdsContext, record: ClusterRecord, instance: InstanceRecord): string => {
  if (instance.goneAtEpochMs !== undefined) return 'deleting';
  const server = context.clusters.serverState(record.resourceId);
  if (instance.notBeforeEpochMs > context.clock.now() || server === 'starting') return 'creating';
  return server === 'failed' ? 'failed' : 'available';
};

/** @throws RdsFault `InvalidDBClusterStateFault` */
export const requireAvailable = (identifier: string, status: string): void => {
  if (status !== 'available')
    throw new RdsFault(
      'InvalidDBClusterStateFault',
      400,
      `DBCluster ${identifier} is not in the available state: ${status}`,
    );
};
