import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { createDataApiClient, dataApiDatabase } from '../../lib/dataapi/index.ts';
import type { Database } from '../../lib/ledger/database.ts';
import {
  type Clock,
  type ClusterCondition,
  type DataApiOptions,
  type DataApiServer,
  startDataApi,
} from '../../lib/local/data-api/index.ts';
import { startTestServer, type TestServer } from './postgres.ts';

export const resourceArn = 'arn:aws:rds:eu-west-1:123456789012:cluster:shop';
export const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-Ab12Cd';

/** Credentials and a region that need no environment. */
export const testAws = { region: 'eu-west-1', credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' } };

/** Time that passes when told to. */
export interface TestClock extends Clock {
  /** Runs what is due within `ms`, in order. */
  pass(ms: number): void;
}

export const testClock = (): TestClock => {
  let now = 0;
  const due = new Set<{ at: number; act: () => void }>();
  return {
    after: (ms, act) => {
      const entry = { at: now + ms, act };
      due.add(entry);
      return () => void due.delete(entry);
    },
    pass: (ms) => {
      now += ms;
      for (const entry of [...due].toSorted((a, b) => a.at - b.at)) {
        if (entry.at > now) continue;
        due.delete(entry);
        entry.act();
      }
    },
  };
};

/** A Data API in front of a new database of a test server. */
export interface TestDataApi {
  readonly api: DataApiServer;
  readonly postgres: TestServer;
  /** The new database's name and its address without the Data API. */
  readonly database: string;
  readonly databaseUrl: string;
  /** Given to each request: resource, secret, database. */
  readonly target: { readonly resourceArn: string; readonly secretArn: string; readonly database: string };
  readonly client: RDSDataClient;
  /** The port over it, as the Lambdas use it. */
  readonly db: Database;
  set(condition: ClusterCondition): void;
  close(): Promise<void>;
}

export const startTestDataApi = async (
  options: Omit<DataApiOptions, 'clusters'> = {},
  postgres?: TestServer,
): Promise<TestDataApi> => {
  const server = postgres ?? (await startTestServer());
  const databaseUrl = await server.createDatabase();
  const database = new URL(databaseUrl).pathname.slice(1);
  const api = await startDataApi({
    credentials: testAws.credentials,
    ...options,
    clusters: [{ resourceArn, secretArn, connect: () => ({ connectionString: databaseUrl }) }],
  });
  const client = createDataApiClient({ ...testAws, endpoint: api.url });
  const target = { resourceArn, secretArn, database };
  return {
    api,
    postgres: server,
    database,
    databaseUrl,
    target,
    client,
    db: dataApiDatabase({ client, ...target }),
    set: (condition) => api.setCondition(resourceArn, condition),
    close: async () => {
      client.destroy();
      await api.close();
      if (postgres === undefined) await server.stop();
    },
  };
};
