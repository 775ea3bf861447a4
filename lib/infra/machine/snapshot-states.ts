import { Duration } from 'aws-cdk-lib';
import { Choice, Condition, type State, Timeout, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { actionTasks } from './action-tasks.ts';
import { failure, settles } from './failure-states.ts';
import { retryPolicies } from './retry-policies.ts';

const controlPlaneTimeout = Timeout.duration(Duration.seconds(60));

/** How long a snapshot is waited for. A look comes after another quarter of the wait so far, 1 to 60 s: six hours are some 400 looks. */
export const snapshotWaitLimitSeconds = 6 * 3600;
const pause = '$min([60, $max([1, $round($snapshotWaitedSeconds / 4)])])';

export interface SnapshotStatesProps {
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  /** ARN of the snapshots this machine may make, with a wildcard behind our prefix. */
  readonly snapshotArn: string;
}

/**
 * Creates the snapshot that `$step` names and waits until it is available, by Step Functions' own RDS tasks.
 * A name that exists is looked at: it is this run's after a lost reply, and `recordSnapshot` checks that it is.
 */
export const snapshotStates = (
  scope: Construct,
  task: ReturnType<typeof actionTasks>,
  { clusterIdentifier, clusterArn, snapshotArn }: SnapshotStatesProps,
  { settle, nextStep }: { readonly settle: State; readonly nextStep: State },
): State => {
  const create = CallAwsService.jsonata(scope, 'Create the snapshot', {
    comment: 'Begun under the lease of this run, before its first destructive statement',
    service: 'rds',
    action: 'createDBClusterSnapshot',
    iamAction: 'rds:CreateDBClusterSnapshot',
    iamResources: [clusterArn, snapshotArn],
    parameters: {
      DbClusterIdentifier: clusterIdentifier,
      DbClusterSnapshotIdentifier: '{% $step.identifier %}',
      Tags: '{% $step.tags %}',
    },
    outputs: {},
    taskTimeout: controlPlaneTimeout,
  });
  create.addRetry(retryPolicies.clusterBusy);
  create.addRetry(retryPolicies.controlPlane);

  const look = CallAwsService.jsonata(scope, 'Look at the snapshot', {
    service: 'rds',
    action: 'describeDBClusterSnapshots',
    iamAction: 'rds:DescribeDBClusterSnapshots',
    iamResources: [clusterArn, snapshotArn],
    parameters: { DbClusterSnapshotIdentifier: '{% $step.identifier %}' },
    assign: {
      snapshot: [
        '{% $states.result.DbClusterSnapshots[0].{',
        "'status': Status, 'percent': PercentProgress, 'identifier': DbClusterSnapshotIdentifier, 'arn': DbClusterSnapshotArn,",
        "'cluster': DbClusterIdentifier, 'startedAt': SnapshotCreateTime, 'tags': [TagList.{'Key': Key, 'Value': Value}]",
        '} %}',
      ].join(' '),
    },
    outputs: '{% $states.result.DbClusterSnapshots[0].Status %}',
    taskTimeout: controlPlaneTimeout,
  });
  look.addRetry(retryPolicies.notListedYet);
  look.addRetry(retryPolicies.controlPlane);

  const record = task('Record the snapshot', {
    action: 'recordSnapshot',
    comment: "Makes sure that it is this run's own, and writes it into the ledger",
    sends: {
      token: '{% $token %}',
      version: '{% $step.version %}',
      identifier: '{% $snapshot.identifier %}',
      arn: '{% $snapshot.arn %}',
      cluster: '{% $snapshot.cluster %}',
      snapshotStartedAt: '{% $snapshot.startedAt %}',
      tags: '{% $snapshot.tags %}',
    },
  });

  const wait = Wait.jsonata(scope, 'Wait for the snapshot', {
    time: WaitTime.seconds(`{% ${pause} %}`),
    assign: { snapshotWaitedSeconds: `{% $snapshotWaitedSeconds + ${pause} %}` },
  });

  const available = Choice.jsonata(
    scope,
    'Snapshot available?',
    failure('SnapshotFailed', "{% 'snapshot ' & $step.identifier & ' is ' & $string($snapshot.status) %}"),
  )
    .when(Condition.jsonata("{% $snapshot.status = 'available' %}"), record)
    .when(
      Condition.jsonata(
        `{% $snapshot.status = 'creating' and $snapshotWaitedSeconds >= ${snapshotWaitLimitSeconds} %}`,
      ),
      settle,
      failure(
        'SnapshotTimedOut',
        `{% 'snapshot ' & $step.identifier & ' was not available after ${snapshotWaitLimitSeconds / 3600} hours' %}`,
      ),
    )
    .when(Condition.jsonata("{% $snapshot.status = 'creating' %}"), wait)
    .otherwise(settle);

  create.addCatch(look, { errors: ['Rds.DbClusterSnapshotAlreadyExistsException'], outputs: {} });
  settles(create, settle, { as: 'SnapshotRefused' });
  settles(look, settle, { as: 'SnapshotFailed' });
  settles(record, settle);
  create.next(look).next(available);
  wait.next(look);
  record.next(nextStep);
  return create;
};
