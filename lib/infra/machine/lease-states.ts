import { Choice, Condition, type State, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { actionTasks } from './action-tasks.ts';
import { failure, settles } from './failure-states.ts';

/** Takes the lease, or waits for the run that holds it. The action itself refuses when the wait has been long enough. */
export const leaseStates = (
  scope: Construct,
  task: ReturnType<typeof actionTasks>,
  { settle, nextStep }: { readonly settle: State; readonly nextStep: State },
): State => {
  const take = task('Take the lease', {
    action: 'acquire',
    comment: 'Takes over at once from an execution that runs no more',
    sends: {
      input: '{% $states.context.Execution.Input %}',
      target: '{% $checked.target %}',
      digest: '{% $checked.plan.digest %}',
      planned: '{% $checked.planned %}',
      waitedSeconds: '{% $waitedSeconds %}',
      leaseWaitSeconds: '{% $checked.leaseWaitSeconds %}',
    },
    assign: {
      lease: '{% $states.result.Payload %}',
      token: '{% $states.result.Payload.taken ? $states.result.Payload.token : null %}',
    },
  });
  const wait = Wait.jsonata(scope, 'Wait for the lease', {
    time: WaitTime.seconds('{% $lease.waitSeconds %}'),
    assign: { waitedSeconds: '{% $waitedSeconds + $lease.waitSeconds %}' },
  });
  settles(take, settle);
  wait.next(take);
  take.next(
    Choice.jsonata(scope, 'Lease taken?', failure('Unexpected', 'acquire answered neither taken nor whom it waits for'))
      .when(Condition.jsonata('{% $lease.taken = true %}'), nextStep)
      .when(Condition.jsonata('{% $lease.taken = false %}'), wait)
      .otherwise(settle),
  );
  return take;
};
