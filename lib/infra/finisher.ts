import { Duration } from 'aws-cdk-lib';
import { type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { databaseFunctionTimeout } from './machine/action-tasks.ts';
import {
  type DatabaseAccess,
  databaseEnvironment,
  databasePermissions,
  type FunctionsProps,
  serviceFunction,
} from './service-functions.ts';

/** Every end that no Catch sees, and those that one saw (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html). */
export const onRunsFailed = (
  scope: Construct,
  id: string,
  stateMachines: readonly StateMachine[],
  { target, eventPattern, ...options }: OnEventOptions = {},
): Rule => {
  const rule = new Rule(scope, id, {
    ...options,
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        ...eventPattern?.detail,
        status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: stateMachines.map((machine) => machine.stateMachineArn),
      },
    },
  });
  if (target) rule.addTarget(target);
  return rule;
};

/** The function that settles what a run could not settle itself, and the rule that wakes it. What it could not do lies in its queue. */
export const finisher = (
  scope: Construct,
  functions: FunctionsProps,
  {
    access,
    executions,
    stateMachines,
  }: { access: DatabaseAccess; executions: readonly string[]; stateMachines: readonly StateMachine[] },
): void => {
  const finish = serviceFunction(scope, 'Finisher', functions, {
    bundle: 'finisher',
    description: 'Lockkeeper: settles runs that were aborted, timed out or cut off',
    timeout: databaseFunctionTimeout,
    environment: databaseEnvironment(access),
    may: databasePermissions(access, executions),
  });
  finish.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.hours(2) });
  onRunsFailed(scope, 'RunsFailed', stateMachines).addTarget(
    new LambdaTarget(finish as IFunction, {
      retryAttempts: 20,
      maxEventAge: Duration.hours(2),
      deadLetterQueue: new Queue(scope, 'FinisherUnreached', {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      }),
    }),
  );
};
