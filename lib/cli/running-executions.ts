import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { translated } from './sdk-error.ts';

/** ARNs of the executions of these machines that run just now, newest first for each. */
export const runningExecutions = async (client: SFNClient, machines: readonly string[]): Promise<string[]> => {
  const lists = await Promise.all(
    machines.map((machine) =>
      translated(
        client.send(new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: 'RUNNING', maxResults: 100 })),
      ),
    ),
  );
  return lists.flatMap(({ executions = [] }) =>
    executions.flatMap(({ executionArn }) => (executionArn === undefined ? [] : [executionArn])),
  );
};
