import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../errors/index.ts';
import { machineNames, type Target } from './target.ts';
import { translated } from './sdk-error.ts';

const findMachines = async (client: SFNClient, stack: string): Promise<Target['arns']> => {
  const names = machineNames(stack);
  const found = new Map<string, string>();
  let nextToken: string | undefined;
  do {
    const page = await translated(client.send(new ListStateMachinesCommand({ maxResults: 1000, nextToken })));
    for (const { name, stateMachineArn } of page.stateMachines ?? []) {
      if (name !== undefined && stateMachineArn !== undefined) found.set(name, stateMachineArn);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined && !(found.has(names.up) && found.has(names.down)));
  const [up, down] = [found.get(names.up), found.get(names.down)];
  if (up !== undefined && down !== undefined) return { up, down };
  const missing = up === undefined ? names.up : names.down;
  const region = await client.config.region();
  throw new LockkeeperError(
    'StackUnusable',
    `no state machine ${missing} in ${region}, so no stack ${stack} of Lockkeeper`,
    {
      details: { stack },
    },
  );
};

/**
 * A deployed stack's machines, found by their names.
 * @throws LockkeeperError `StackUnusable` when they are not there or AWS cannot be asked, `AccessDenied`.
 */
export const openStackTarget = async (stack: string): Promise<Target> => {
  const client = new SFNClient({ maxAttempts: 6, retryMode: 'standard' });
  try {
    const arns = await findMachines(client, stack);
    return { place: 'stack', client, arns, pollMs: 2000, patience: 20, close: async () => client.destroy() };
  } catch (error) {
    client.destroy();
    throw error;
  }
};
