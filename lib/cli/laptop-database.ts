import { createDataApiClient, dataApiDatabase } from '../dataapi/index.ts';
import type { Database } from '../ledger/index.ts';
import { startDataApi } from '../local/data-api/index.ts';
import { localNames } from '../local/local-names.ts';
import type { LocalStackOptions } from '../local/local-stack.ts';
import { openTarget } from '../local/local-target.ts';

/**
 * Lends the laptop's database through its Data API, for a question: without state machines and handlers, which a command that only reads
 * would wait for. @throws LockkeeperError what `openLocalStack` throws
 */
export const withLaptopDatabase = async <Answer>(
  options: LocalStackOptions,
  ask: (database: Database) => Promise<Answer>,
): Promise<Answer> => {
  const target = await openTarget(options);
  const { clusterArn, secretArn, region } = localNames;
  try {
    const connect = () => ({ connectionString: target.url });
    const dataApi = await startDataApi({ clusters: [{ resourceArn: clusterArn, secretArn, connect }] });
    const client = createDataApiClient({ region, credentials: dataApi.credentials, endpoint: dataApi.url });
    try {
      return await ask(dataApiDatabase({ client, resourceArn: clusterArn, secretArn, database: target.databaseName }));
    } finally {
      client.destroy();
      await dataApi.close();
    }
  } finally {
    await target.close();
  }
};
