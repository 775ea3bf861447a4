import { DescribeExecutionCommand, type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../errors/index.ts';
import type { Screen } from './screen.ts';
import { done, type Outcome } from './outcome.ts';
import { runningExecutions } from './running-executions.ts';
import { sdkError, translated } from './sdk-error.ts';

const statusOf = async (client: SFNClient, execution: string): Promise<string | null> => {
  try {
    return (await client.send(new DescribeExecutionCommand({ executionArn: execution }))).status ?? null;
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist' || (error as Error).name === 'InvalidArn') return null;
    throw sdkError(error);
  }
};

/** An execution by its ARN, or by its name under one of the machines. */
const named = async (
  client: SFNClient,
  machines: readonly string[],
  name: string,
): Promise<{ execution: string; status: string }> => {
  const candidates = name.startsWith('arn:')
    ? [name]
    : machines.map((machine) => `${machine.replace(':stateMachine:', ':execution:')}:${name}`);
  for (const execution of candidates) {
    const status = await statusOf(client, execution);
    if (status !== null) return { execution, status };
  }
  throw new LockkeeperError('ExecutionUnknown', `no execution ${name}`, { details: { execution: name } });
};

const theOnly = async (
  client: SFNClient,
  machines: readonly string[],
): Promise<{ execution: string; status: string } | null> => {
  const [execution, ...others] = await runningExecutions(client, machines);
  if (execution === undefined) return null;
  if (others.length === 0) return { execution, status: 'RUNNING' };
  throw new LockkeeperError(
    'ExecutionUnknown',
    `${others.length + 1} runs are in progress, name one:\n${[execution, ...others].join('\n')}`,
  );
};

/**
 * Stops an execution of these machines, or the only one that runs.
 * @throws LockkeeperError `ExecutionUnknown` when there is none of that name, or several and none was named.
 */
export const stopOn = async (
  client: SFNClient,
  machines: readonly string[],
  name: string | undefined,
  screen: Screen,
): Promise<Outcome> => {
  const found = name === undefined ? await theOnly(client, machines) : await named(client, machines, name);
  if (found === null) return done('nothing to stop: no run is in progress');
  const { execution, status } = found;
  if (status !== 'RUNNING') return done(`nothing to stop: ${execution} has ended (${status.toLowerCase()})`);
  const stop = new StopExecutionCommand({
    executionArn: execution,
    error: 'RunAborted',
    cause: 'stopped with lockkeeper stop',
  });
  await translated(client.send(stop));
  screen.line({ type: 'stopped', execution });
  return done('what is applied stays; the next run continues', { execution });
};
