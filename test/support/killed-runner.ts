import { readFileSync } from 'node:fs';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { openLocalStack } from '../../lib/local/local-stack.ts';
import type { Manifest } from '../../lib/migration/manifest.ts';

/** A process that starts Migrate and kills itself, as by SIGKILL, when its n-th Data API call comes in or has just been done. */
const [directory = '', manifestFile = '', call = '0', moment = 'before'] = process.argv.slice(2);
const die = (): never => process.kill(process.pid, 'SIGKILL') as never;
const stack = await openLocalStack({
  directory,
  fsync: false,
  manifest: JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest,
  dataApi: {
    onRequest: ({ index }) => {
      if (index !== Number(call)) return 'pass';
      if (moment === 'before') die();
      setTimeout(die, 60);
      return 'pass';
    },
  },
});
const client = new SFNClient({
  region: 'local',
  endpoint: stack.endpoints.states,
  credentials: stack.credentials,
});
const { executionArn = '' } = await client.send(
  new StartExecutionCommand({ stateMachineArn: stack.migrateArn, input: '{}' }),
);
await stack.states.ended(executionArn);
await stack.close();
client.destroy();
