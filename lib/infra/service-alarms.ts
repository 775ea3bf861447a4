import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

export interface AlarmsProps {
  readonly migrate: StateMachine;
  readonly rollback: StateMachine;
  /** Age of the step that runs, in seconds. */
  readonly runningStepAge: IMetric;
  readonly stepLimit: Duration;
  readonly topic: ITopic | undefined;
}

export interface Alarms {
  readonly migrateFailed: Alarm;
  readonly rollbackFailed: Alarm;
  readonly runCut: Alarm;
  readonly stepTooLong: Alarm;
}

const period = Duration.minutes(1);

/** The alarms of a service: something failed, was cut off, or takes longer than anyone expected. */
export const serviceAlarms = (
  scope: Construct,
  { migrate, rollback, runningStepAge, stepLimit, topic }: AlarmsProps,
): Alarms => {
  const alarm = (id: string, alarmDescription: string, metric: IMetric, threshold: number): Alarm => {
    const one = new Alarm(scope, id, {
      alarmDescription,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (topic) one.addAlarmAction(new SnsAction(topic));
    return one;
  };
  return {
    migrateFailed: alarm(
      'MigrateFailed',
      'a Migrate run failed: its cause says what is true now and what to do',
      migrate.metricFailed({ period }),
      1,
    ),
    rollbackFailed: alarm(
      'RollbackFailed',
      'a Rollback run failed: its cause says what is true now and what to do',
      rollback.metricFailed({ period }),
      1,
    ),
    runCut: alarm(
      'RunCut',
      'a run timed out or was aborted: the finisher settles it, and the next run continues where it stopped',
      new MathExpression({
        label: 'runs timed out or aborted',
        expression: 'migrateTimedOut + migrateAborted + rollbackTimedOut + rollbackAborted',
        usingMetrics: {
          migrateTimedOut: migrate.metricTimedOut(),
          migrateAborted: migrate.metricAborted(),
          rollbackTimedOut: rollback.metricTimedOut(),
          rollbackAborted: rollback.metricAborted(),
        },
        period,
      }),
      1,
    ),
    stepTooLong: alarm(
      'StepTooLong',
      `a step has been running for more than ${stepLimit.toHumanString()}: look at it with lockkeeper status; it can be cancelled with lockkeeper stop`,
      runningStepAge,
      stepLimit.toSeconds(),
    ),
  };
};
