import { Choice, Condition, Fail, type IChainable, type State, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { actionTasks, type ActionTasksProps } from './action-tasks.ts';
import { failure, failureStates, settles } from './failure-states.ts';
import { leaseStates } from './lease-states.ts';
import { snapshotStates, type SnapshotStatesProps } from './snapshot-states.ts';
import { aloneStates, batchStates } from './step-states.ts';

export interface DefinitionProps extends ActionTasksProps, SnapshotStatesProps {}

/** What a person who opens the machine in the console reads first. */
export const definitionComment = {
  up: 'Applies the pending migrations. Input, all keys optional: {} · {"plan": true} shows what would be done · {"to": "20251016120000"} · {"steps": 1} · {"approve": "<digest of the plan>"} · {"manifest": "<root that was deployed>"} · {"doctor": true} looks at the database instead',
  down: 'Reverts migrations. Input, all keys optional: {} reverts what the newest Migrate run applied · {"plan": true} shows what would be done · {"to": "20251016120000"} keeps that version, {"to": "none"} none · {"steps": 1} · {"approve": "<digest of the plan>"} · {"doctor": true} looks at the database instead',
} as const;

const kindIs = (kind: string): Condition => Condition.jsonata(`{% $step.kind = '${kind}' %}`);
const decisionIs = (decision: string): Condition => Condition.jsonata(`{% $checked.decision = '${decision}' %}`);

const ended = (scope: Construct, name: string, verdict: 'nothing' | 'plan'): Succeed =>
  Succeed.jsonata(scope, name, {
    outputs: { verdict, message: '{% $checked.message %}', plan: '{% $checked.plan %}' },
  });

/** Looks at the database instead of migrating it; without a lease. */
const doctorStates = (scope: Construct, task: ReturnType<typeof actionTasks>, settle: State): State => {
  const probe = task('Probe the database', {
    action: 'doctor',
    comment: 'Tries what is believed of the database and its Data API, in a schema of its own that it removes',
    sends: {},
  });
  settles(probe, settle);
  probe.next(Succeed.jsonata(scope, 'Probed'));
  return probe;
};

/** A loop over the ledger: what comes next is asked of it each time, so a run begun again continues where it stood. */
const loop = (scope: Construct, props: DefinitionProps, task: ReturnType<typeof actionTasks>, settle: State): State => {
  const nextStep = task('Next step', {
    action: 'next',
    comment: 'Reads the ledger and says what comes next',
    sends: {
      token: '{% $token %}',
      input: '{% $states.context.Execution.Input %}',
      target: '{% $checked.target %}',
      pending: '{% $checked.pending %}',
    },
    assign: {
      step: '{% $states.result.Payload %}',
      stepStartedAt: '{% $states.context.State.EnteredTime %}',
      snapshotWaitedSeconds: 0,
    },
  });
  const finish = task('Finish', {
    action: 'finish',
    comment: 'Releases the lease and sums up',
    sends: { token: '{% $token %}' },
  });
  const exits = { settle, nextStep };
  settles(nextStep, settle);
  settles(finish, settle);
  finish.next(Succeed.jsonata(scope, 'Done'));
  nextStep.next(
    Choice.jsonata(scope, 'What kind?', failure('Unexpected', 'next answered no kind that this definition knows'))
      .when(kindIs('batch'), batchStates(scope, task, props.direction, exits))
      .when(kindIs('alone'), aloneStates(scope, task, exits))
      .when(kindIs('snapshot'), snapshotStates(scope, task, props, exits))
      .when(kindIs('done'), finish)
      .otherwise(settle),
  );
  return nextStep;
};

/** The states of `Migrate` (`up`) or `Rollback` (`down`), in a scope of their own: docs/architecture.md has the table. */
export const definition = (scope: Construct, props: DefinitionProps): IChainable => {
  const task = actionTasks(scope, props);
  const settle = failureStates(scope, task);
  const check = task('Check the ledger', {
    action: 'check',
    comment: 'Wakes the cluster, installs or upgrades the ledger, and plans',
    sends: { input: '{% $states.context.Execution.Input %}' },
    assign: { checked: '{% $states.result.Payload %}', waitedSeconds: 0, token: null, unseen: null },
  });
  settles(check, settle, { assign: { token: null } });
  return check.next(
    Choice.jsonata(
      scope,
      'Anything to do?',
      failure('Unexpected', 'check answered no decision that this definition knows'),
    )
      .when(decisionIs('nothing'), ended(scope, 'Nothing to do', 'nothing'))
      .when(decisionIs('plan'), ended(scope, 'Plan shown', 'plan'))
      .when(
        decisionIs('approve'),
        Fail.jsonata(scope, 'Approval needed', { error: 'ApprovalNeeded', cause: '{% $checked.message %}' }),
      )
      .when(decisionIs('doctor'), doctorStates(scope, task, settle))
      .when(decisionIs('go'), leaseStates(scope, task, { settle, nextStep: loop(scope, props, task, settle) }))
      .otherwise(settle),
  );
};
