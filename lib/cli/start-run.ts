import { type HistoryEvent, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../errors/index.ts';
import type { Plan } from '../workflow/actions.ts';
import type { ExecutionInput } from '../workflow/execution-input.ts';
import { follow } from './follow.ts';
import type { Direction } from './line.ts';
import type { RunEnd } from './run-end.ts';
import type { Screen } from './screen.ts';
import { sdkError, translated } from './sdk-error.ts';
import { storyteller } from './story.ts';
import type { Target } from './target.ts';

/** @returns the execution's ARN. */
export const startRun = async (client: SFNClient, machine: string, input: ExecutionInput): Promise<string> => {
  const { executionArn } = await translated(
    client.send(new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify(input) })),
  );
  if (executionArn === undefined)
    throw new LockkeeperError('StackUnusable', 'Step Functions answered without an execution');
  return executionArn;
};

export interface Told {
  /** Null when it was not followed to its end. */
  readonly end: RunEnd | null;
  readonly plan: Plan | null;
}

/**
 * Shows a run on the screen until it ends, or until `signal`.
 * @throws LockkeeperError when Step Functions cannot be asked any more; the run goes on.
 */
export const tellRun = async (
  target: Target,
  execution: string,
  direction: Direction,
  screen: Screen,
  signal: AbortSignal,
): Promise<Told> => {
  const tell = storyteller(direction);
  let plan: Plan | null = null;
  const onEvent = (event: HistoryEvent): void => {
    for (const line of tell(event)) {
      if (line.type === 'plan') {
        plan = line.plan;
        screen.know(line.plan.steps);
      }
      screen.line(line);
    }
  };
  const { client, pollMs, patience } = target;
  try {
    const end = await follow({ client, execution, pollMs, signal, onEvent, patience });
    return { end, plan };
  } catch (error) {
    throw sdkError(error);
  }
};
