import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createDataApiClient, dataApiDatabase } from '../lib/dataapi/index.ts';
import { Ledger } from '../lib/ledger/ledger.ts';
import { openLocalStack } from '../lib/local/local-stack.ts';
import type { Manifest } from '../lib/migration/manifest.ts';
import { type Contestant, credentials, type Surroundings } from './contestant.ts';

const run = 'arn:aws:states:eu-central-1:000000000000:execution:Migrate:bench';

/** The call that applies, alone: the ledger is installed and the lease taken before. */
export const openApplyAlone = (
  { dataApiUrl, resourceArn, secretArn, region }: Surroundings,
  manifest: Manifest,
): Contestant => {
  const client = createDataApiClient({ endpoint: dataApiUrl, region, credentials });
  const migrations = manifest.migrations.map((migration) => ({ migration, revision: 0 }));
  const options = { lockTimeoutMs: manifest.settings.lockTimeoutMs, budgetMs: 38_000 };
  return {
    ready: async (database) => {
      const ledger = new Ledger(
        dataApiDatabase({ client, resourceArn, secretArn, database }),
        manifest.settings.ledgerSchema,
      );
      await ledger.install();
      const begun = { manifest: manifest.root, digest: manifest.root, target: migrations.at(-1)!.migration.version };
      const lease = await ledger.acquire({ run, direction: 'up', begun });
      if (!lease.taken) throw new Error('the lease of a new database was not to be had');
      const { token } = lease;
      return {
        apply: async () => {
          const { applied, already, stop } = await ledger.apply({ token, run, comment: 'bench', options, migrations });
          if (stop !== null || applied + already < migrations.length) throw new Error(`apply stopped: ${stop}`);
        },
      };
    },
    close: async () => client.destroy(),
  };
};

/** Everything: the deployed definition in the interpreter, the bundled handlers, all calls from the first look to the last. */
export const openWholePath = ({ postgresUrl, scratch }: Surroundings, manifest: Manifest): Contestant => ({
  ready: async (database, latencyMs) => {
    const stack = await openLocalStack({
      directory: scratch,
      manifest,
      databaseUrl: postgresUrl(database),
      dataApi: { latencyMs },
    });
    const client = new SFNClient({
      endpoint: stack.endpoints.states,
      region: stack.region,
      credentials: stack.credentials,
    });
    return {
      apply: async () => {
        const { executionArn } = await client.send(
          new StartExecutionCommand({ stateMachineArn: stack.migrateArn, input: '{}' }),
        );
        for (;;) {
          const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
          if (status === 'SUCCEEDED') return;
          if (status !== 'RUNNING') throw new Error(`${status} ${error}: ${cause}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      calls: () => Object.values(stack.dataApi.calls).reduce((sum, count) => sum + count, 0),
      release: async () => {
        client.destroy();
        await stack.close();
      },
    };
  },
});
