import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { Action, ActionInput } from '../../workflow/actions.ts';
import { retryPolicies } from './retry-policies.ts';

export type Direction = 'up' | 'down';

/** Above the `database` function's own timeout, so that its error comes first. */
export const actionTimeout = Duration.seconds(200);
/** Room for one call of at most 60 s, one look and the answer, and for what comes before them. */
export const databaseFunctionTimeout = Duration.seconds(180);

type Sent<A extends Action> = Omit<ActionInput<A>, 'action' | 'direction' | 'run' | 'startedAt'>;

/**
 * What a Task of the `database` function is made of. `sends` and `assign` hold JSONata; every key of the action's input has to be there.
 */
export interface ActionTask<A extends Action> {
  readonly action: A;
  readonly comment: string;
  readonly sends: Readonly<Record<keyof Sent<A>, unknown>>;
  readonly assign?: Readonly<Record<string, unknown>>;
}

export interface ActionTasksProps {
  readonly direction: Direction;
  /** The published version that this definition invokes. */
  readonly databaseFunction: IFunction;
}

/** Makes the Tasks of one machine: each names its action, has a timeout, and tries again by the named policies. */
export const actionTasks =
  (scope: Construct, { direction, databaseFunction }: ActionTasksProps) =>
  <A extends Action>(name: string, { action, comment, sends, assign }: ActionTask<A>): LambdaInvoke => {
    const task = LambdaInvoke.jsonata(scope, name, {
      comment,
      lambdaFunction: databaseFunction,
      payload: TaskInput.fromObject({
        action,
        direction,
        run: '{% $states.context.Execution.Id %}',
        startedAt: '{% $states.context.Execution.StartTime %}',
        ...sends,
      }),
      outputs: '{% $states.result.Payload %}',
      ...(assign ? { assign } : {}),
      taskTimeout: Timeout.duration(actionTimeout),
      retryOnServiceExceptions: false,
    });
    task.addRetry(retryPolicies.waking);
    task.addRetry(retryPolicies.passing);
    task.addRetry(retryPolicies.unclear);
    task.addRetry(retryPolicies.metLock);
    return task;
  };
