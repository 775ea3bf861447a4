import { Choice, Condition, type State, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { actionTasks, Direction } from './action-tasks.ts';
import { failure, settles } from './failure-states.ts';

interface Exits {
  readonly settle: State;
  readonly nextStep: State;
}

const waiting = (scope: Construct, name: string, variable: string, again: State): Wait => {
  const wait = Wait.jsonata(scope, name, { time: WaitTime.seconds(`{% $${variable}.waitSeconds %}`) });
  wait.next(again);
  return wait;
};

/** Applies or reverts a list of transactional migrations; waits while a call of ours may still be running. */
export const batchStates = (
  scope: Construct,
  task: ReturnType<typeof actionTasks>,
  direction: Direction,
  { settle, nextStep }: Exits,
): State => {
  const batch = task(direction === 'up' ? 'Apply a batch' : 'Revert a batch', {
    action: 'apply',
    comment: 'One Data API call for the whole list; each migration is a transaction of its own with its ledger row',
    sends: { token: '{% $token %}', migrations: '{% $step.migrations %}', unseen: '{% $unseen %}' },
    assign: { batch: '{% $states.result.Payload %}', unseen: '{% $states.result.Payload.unseen %}' },
  });
  settles(batch, settle);
  batch.next(
    Choice.jsonata(scope, 'Batch done?', failure('Unexpected', 'apply answered no status that this definition knows'))
      .when(Condition.jsonata("{% $batch.status = 'done' %}"), nextStep)
      .when(
        Condition.jsonata("{% $batch.status = 'running' %}"),
        waiting(scope, 'Wait for the batch', 'batch', nextStep),
      )
      .otherwise(settle),
  );
  return batch;
};

/** Brings one migration outside a transaction to its end: started, waited for without a Lambda alive, judged by the catalogue. */
export const aloneStates = (
  scope: Construct,
  task: ReturnType<typeof actionTasks>,
  { settle, nextStep }: Exits,
): State => {
  const advance = task('Run a statement alone', {
    action: 'advance',
    comment: 'Starts the statement that comes next, or looks whether it is done',
    sends: {
      token: '{% $token %}',
      migration: '{% $step.migration %}',
      unseen: '{% $unseen %}',
      stepStartedAt: '{% $stepStartedAt %}',
    },
    assign: { statement: '{% $states.result.Payload %}', unseen: '{% $states.result.Payload.unseen %}' },
  });
  settles(advance, settle);
  advance.next(
    Choice.jsonata(
      scope,
      'Statement done?',
      failure('Unexpected', 'advance answered no status that this definition knows'),
    )
      .when(Condition.jsonata("{% $statement.status = 'done' %}"), nextStep)
      .when(
        Condition.jsonata("{% $statement.status = 'running' %}"),
        waiting(scope, 'Wait for the statement', 'statement', advance),
      )
      .otherwise(settle),
  );
  return advance;
};
