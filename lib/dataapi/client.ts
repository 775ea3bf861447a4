import { RDSDataClient, type RDSDataClientConfig } from '@aws-sdk/client-rds-data';

/**
 * A client that sends each request once and throws when no reply came within 60 s.
 *
 * The SDK's default of three attempts sends a statement again after a lost reply, so DML could run twice;
 * its request timeout alone only warns
 * (https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-types/Interface/NodeHttpHandlerOptions/).
 * The Data API itself answers within 45 s (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html).
 * Region, credentials and `AWS_ENDPOINT_URL_RDS_DATA` come from the environment.
 */
export const createDataApiClient = (config: RDSDataClientConfig = {}): RDSDataClient =>
  new RDSDataClient({
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    ...config,
    maxAttempts: 1,
  });
