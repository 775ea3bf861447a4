import { instanceStatus, instancesOf } from './cluster-status.ts';
import type { RdsContext } from './rds-context.ts';

/** What the Data API has to know of a restored cluster, as it is at the moment of a call. */
export interface RestoredCluster {
  /** Stays when its data do, and through a rename. */
  readonly resourceId: string;
  readonly secretArn: string;
  /** Not after a rename either, until it was switched off and on. */
  readonly dataApiEnabled: boolean;
  readonly hasInstance: boolean;
  /** Where its database is, with the password that the secret holds: a wrong one when another was set since. Starts its server. */
  connectionString(database?: string): Promise<string>;
}

export const restoredClusterOf = (context: RdsContext, resourceArn: string): RestoredCluster | undefined => {
  const { clusters, source } = context;
  const record = clusters.all().find(({ arn }) => arn === resourceArn);
  if (record === undefined || record.state !== 'complete' || record.goneAtEpochMs !== undefined) return undefined;
  const managed = record.managedSecret;
  const isManaged = managed !== undefined && managed.activeAtEpochMs <= context.clock.now();
  return {
    resourceId: record.resourceId,
    secretArn: isManaged ? managed.arn : record.secretArn,
    dataApiEnabled: record.httpEndpointEnabled && record.endpointArn === record.arn,
    hasInstance: instancesOf(context, record).some((each) => instanceStatus(context, record, each) === 'available'),
    async connectionString(database) {
      const postgres = await clusters.server(record);
      const url = new URL(postgres.url(database));
      if (!isManaged && record.secretArn === source.secretArn && source.kind === 'embedded')
        url.password = encodeURIComponent(source.postgres.password);
      return url.href;
    },
  };
};
