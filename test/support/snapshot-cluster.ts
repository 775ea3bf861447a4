import { RDS } from '@aws-sdk/client-rds';

export const clusterNames = {
  clusterArn: 'arn:aws:rds:eu-west-1:123456789012:cluster:shop',
  clusterIdentifier: 'shop',
};

/** A real client of a local RDS; a call is made once. */
export const rdsClient = (url: string): RDS =>
  new RDS({
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

/** The status of a snapshot once it is no more `creating`. */
export const statusInTheEnd = async (client: RDS, identifier: string): Promise<string | undefined> => {
  for (;;) {
    const { DBClusterSnapshots } = await client.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: identifier });
    const status = DBClusterSnapshots?.[0]?.Status;
    if (status !== 'creating') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
