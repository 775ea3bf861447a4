import { z } from 'zod';
import type { ClusterRecord } from './cluster-record.ts';
import { clusterReply, sourceReply } from './cluster-reply.ts';
import { identifierIn } from './identifier.ts';
import { describing, filtered, paged } from './paging.ts';
import { list } from './query-reply.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { notImitated, RdsFault } from './rds-fault.ts';

export const clusterMissing = (identifier: string): RdsFault =>
  new RdsFault('DBClusterNotFoundFault', 404, `DBCluster ${identifier} not found.`);

export const clusterTaken = (identifier: string): RdsFault =>
  new RdsFault('DBClusterAlreadyExistsFault', 400, `DB Cluster already exists: ${identifier}`);

/** One that was restored or cloned. @throws RdsFault `DBClusterNotFoundFault`, and for the laptop's own, which stays as it is */
export const restoredCluster = (context: RdsContext, action: string, given: string): ClusterRecord => {
  const identifier = identifierIn('cluster', given);
  if (identifier === context.source.clusterIdentifier) throw notImitated(`rds:${action} of the laptop's own cluster`);
  const record = context.clusters.find(identifier);
  if (record === undefined) throw clusterMissing(given);
  return record;
};

export const describeDBClusters = rdsAction(
  z.strictObject({ DBClusterIdentifier: z.string().optional(), ...describing }),
  (context, parameters) => {
    const { clusterIdentifier, clusterArn } = context.source;
    const clusters = [
      { identifier: clusterIdentifier, arn: clusterArn, show: () => sourceReply(context) },
      ...context.clusters.all().map((record) => ({
        identifier: record.identifier,
        arn: record.arn,
        show: () => clusterReply(context, record),
      })),
    ].toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1));
    const wanted = parameters.DBClusterIdentifier;
    const named = wanted === undefined ? undefined : identifierIn('cluster', wanted);
    const chosen = clusters.filter(({ identifier }) => named === undefined || identifier === named);
    if (wanted !== undefined && chosen.length === 0) throw clusterMissing(wanted);
    const found = filtered(chosen, parameters.Filters, {
      'db-cluster-id': ({ identifier, arn }) => [identifier, arn],
      engine: () => ['aurora-postgresql'],
    });
    const { page, marker } = paged(found, ({ identifier }) => identifier, parameters);
    return {
      Marker: marker,
      DBClusters: list(
        'DBCluster',
        page.map(({ show }) => show()),
      ),
    };
  },
);
