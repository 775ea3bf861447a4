import { z } from 'zod';
import { recordStatus } from './cluster-status.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { notImitated, RdsFault } from './rds-fault.ts';

const byArn = z.strictObject({ ResourceArn: z.string() });

/** @throws RdsFault `ResourceNotFoundFault`, `InvalidResourceStateFault` */
const clusterBy = (context: RdsContext, arn: string): ClusterRecord => {
  const record = context.clusters.all().find((each) => each.arn === arn);
  if (record === undefined) throw new RdsFault('ResourceNotFoundFault', 404, `Resource not found: ${arn}`);
  const status = recordStatus(context, record);
  if (status !== 'available' && status !== 'backing-up')
    throw new RdsFault('InvalidResourceStateFault', 400, `DBCluster ${record.identifier} is in the state ${status}`);
  return record;
};

/** One that is on already stays as it is: also one that answers no more since its cluster was renamed. */
export const enableHttpEndpoint = rdsAction(byArn, (context, { ResourceArn }) => {
  if (ResourceArn !== context.source.clusterArn) {
    const record = clusterBy(context, ResourceArn);
    if (!record.httpEndpointEnabled)
      context.clusters.change(record.identifier, { httpEndpointEnabled: true, endpointArn: record.arn });
  }
  return { ResourceArn, HttpEndpointEnabled: true };
});

export const disableHttpEndpoint = rdsAction(byArn, (context, { ResourceArn }) => {
  if (ResourceArn === context.source.clusterArn)
    throw notImitated("rds:DisableHttpEndpoint of the laptop's own cluster");
  const { identifier } = clusterBy(context, ResourceArn);
  context.clusters.change(identifier, { httpEndpointEnabled: false, endpointArn: undefined });
  return { ResourceArn, HttpEndpointEnabled: false };
});
