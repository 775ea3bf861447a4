import { RDS } from '@aws-sdk/client-rds';

export const clusterNames = {
  clusterArn: 'arn:aws:rds:eu-west-1:123456789012:cluster:shop',
  clusterIdentifier: 'shop',
};

/** What the local RDS of a test is told that requests are signed with. */
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A real client of a local RDS; a call is made once. */
export const rdsClient = (url: string): RDS =>
  new RDS({
    endpoint: url,
    region: 'eu-west-1',
    credentials,
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
