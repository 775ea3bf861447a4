import { Fail, type State, type TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ErrorCode } from '../../errors/index.ts';
import type { actionTasks } from './action-tasks.ts';
import { retryPolicies } from './retry-policies.ts';

type Assign = Readonly<Record<string, unknown>>;

/** What is caught, as `fail` takes it. A timeout has no Cause. */
const caught = {
  Error: '{% $states.errorOutput.Error %}',
  Cause: "{% $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : '' %}",
};

/** A caught error under a code of ours, with the name AWS gave it in front of its Cause. */
const caughtAs = (code: ErrorCode): Assign => ({
  Error: code,
  Cause:
    "{% $states.errorOutput.Error & ($exists($states.errorOutput.Cause) ? ': ' & $states.errorOutput.Cause : '') %}",
});

/** The `$error` of a choice that found something wrong; both may hold JSONata. */
export const failure = (
  code: ErrorCode,
  cause: string,
): { assign: { error: { Error: ErrorCode; Cause: string } } } => ({
  assign: { error: { Error: code, Cause: cause } },
});

/** Puts the one Catch on a Task: whatever went wrong is in `$error`, and 'Settle the failure' comes next. */
export const settles = (
  task: TaskStateBase,
  settle: State,
  options: { as?: ErrorCode; assign?: Assign } = {},
): void => {
  const error = options.as === undefined ? caught : caughtAs(options.as);
  task.addCatch(settle, { errors: ['States.ALL'], assign: { error, ...options.assign } });
};

/**
 * The states that every failure goes through: the ledger is settled under a new token, then the execution fails with what `fail` says.
 * Where even that fails it ends with the original error, and the finisher settles.
 */
export const failureStates = (scope: Construct, task: ReturnType<typeof actionTasks>): State => {
  const settle = task('Settle the failure', {
    action: 'fail',
    comment:
      'Changes the token, reads the ledger, releases the lease; says what happened, what is true now, what to do',
    sends: { token: '{% $token %}', error: '{% $error %}' },
    assign: { failure: '{% $states.result.Payload %}' },
  });
  settle.addRetry(retryPolicies.anything);
  settle.addCatch(
    Fail.jsonata(scope, 'Failed, not settled', {
      comment: 'The first error, as it was; the finisher settles what is left',
      error: '{% $error.Error %}',
      cause: '{% $error.Cause %}',
    }),
    { errors: ['States.ALL'] },
  );
  settle.next(Fail.jsonata(scope, 'Failed', { error: '{% $failure.error %}', cause: '{% $failure.cause %}' }));
  return settle;
};
