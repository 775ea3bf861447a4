import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { snapshotIdentifier } from '../workflow/digest.ts';

/** The cluster that a machine works on, fixed in its definition. */
export interface Target {
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  /** ARN of the service's own snapshots, with a wildcard behind their common prefix. */
  readonly snapshotArn: string;
}

/** The target of a service: its snapshots bear its name, so that no machine may touch another's. */
export const targetOf = (
  scope: Construct,
  cluster: { readonly clusterIdentifier: string; readonly clusterArn: string },
  service: string,
): Target => ({
  clusterIdentifier: cluster.clusterIdentifier,
  clusterArn: cluster.clusterArn,
  snapshotArn: Stack.of(scope).formatArn({
    service: 'rds',
    resource: 'cluster-snapshot',
    resourceName: snapshotIdentifier(service, '', null).replace(/[0-9a-f]{16}$/, '*'),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  }),
});
