import { z } from 'zod';
import { engineVersion } from './cluster-source.ts';
import { identifierIn } from './identifier.ts';
import { describing, filtered, paged } from './paging.ts';
import { list, type XmlValue } from './query-reply.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { RdsFault } from './rds-fault.ts';
import { statusOf } from './snapshot-status.ts';

/** `backing-up` while a snapshot is made, by whichever process. */
export const clusterStatus = (context: RdsContext): string => {
  const isCopied = context.store.all().some((record) => statusOf(context, record) === 'creating');
  return context.faults.clusterStatus?.() ?? (isCopied ? 'backing-up' : 'available');
};

export const clusterMissing = (identifier: string): RdsFault =>
  new RdsFault('DBClusterNotFoundFault', 404, `DBCluster ${identifier} not found.`);

const clusterReply = (context: RdsContext): XmlValue => {
  const { source } = context;
  return {
    DBClusterIdentifier: source.clusterIdentifier,
    DBClusterArn: source.clusterArn,
    Status: clusterStatus(context),
    Engine: 'aurora-postgresql',
    EngineVersion: engineVersion(source),
    EngineMode: 'provisioned',
    Endpoint: '127.0.0.1',
    Port: source.kind === 'embedded' ? source.postgres.port : Number(new URL(source.url).port || 5432),
    ClusterCreateTime: new Date(context.startedAtEpochMs),
    HttpEndpointEnabled: true,
    DeletionProtection: false,
    MultiAZ: false,
  };
};

export const describeDBClusters = rdsAction(
  z.strictObject({ DBClusterIdentifier: z.string().optional(), ...describing }),
  (context, parameters) => {
    const { clusterIdentifier, clusterArn } = context.source;
    const wanted = parameters.DBClusterIdentifier;
    if (wanted !== undefined && identifierIn('cluster', wanted) !== clusterIdentifier) throw clusterMissing(wanted);
    const found = filtered([clusterIdentifier], parameters.Filters, {
      'db-cluster-id': (identifier) => [identifier, clusterArn],
      engine: () => ['aurora-postgresql'],
    });
    const { page, marker } = paged(found, String, parameters);
    return {
      Marker: marker,
      DBClusters: list(
        'DBCluster',
        page.map(() => clusterReply(context)),
      ),
    };
  },
);
