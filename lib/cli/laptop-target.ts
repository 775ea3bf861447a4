import { SFNClient } from '@aws-sdk/client-sfn';
import type { Credentials } from '../local/authentication/index.ts';
import type { Invocation } from './invocation.ts';
import { laptopProject } from './laptop-project.ts';
import type { Target } from './target.ts';

/** A client for a Step Functions on this machine. */
export const localClient = (endpoint: string, region: string, credentials: Credentials): SFNClient =>
  new SFNClient({
    endpoint,
    region,
    credentials,
    maxAttempts: 1,
  });

/** The laptop's own state machines, with all they need started. @throws LockkeeperError what `openLocalStack` throws */
export const openLaptopTarget = async (invocation: Invocation): Promise<Target> => {
  const { screen } = invocation;
  const { stackOptions } = await laptopProject(invocation);
  const { openLocalStack } = await import('../local/local-stack.ts');
  screen.busy('starting the local database');
  const stack = await openLocalStack(stackOptions);
  const client = localClient(stack.endpoints.states, stack.region, stack.credentials);
  return {
    place: 'laptop',
    client,
    arns: { up: stack.migrateArn, down: stack.rollbackArn },
    pollMs: 60,
    patience: 0,
    close: async () => {
      client.destroy();
      await stack.close();
    },
  };
};
