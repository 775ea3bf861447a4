import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Direction } from './machine/action-tasks.ts';
import { definition, definitionComment } from './machine/definition.ts';
import type { Target } from './target.ts';

export interface MigrationMachineProps {
  readonly direction: Direction;
  readonly stateMachineName: string;
  readonly databaseFunction: LambdaFunction;
  readonly target: Target;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** `Migrate` or `Rollback`: the one definition in one direction, with a role of its own. */
export class MigrationMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: MigrationMachineProps) {
    super(scope, id);
    const { direction, databaseFunction, target, logRetention, removalPolicy } = props;
    this.stateMachine = new StateMachine(this, 'Machine', {
      stateMachineName: props.stateMachineName,
      definitionBody: DefinitionBody.fromChainable(
        definition(new Construct(this, 'States'), {
          direction,
          databaseFunction: databaseFunction.currentVersion as IFunction,
          ...target,
        }),
      ),
      comment: definitionComment[direction],
      queryLanguage: QueryLanguage.JSONATA,
      timeout: props.timeout,
      // Inputs and outputs stay out of the logs: a failure's cause can quote a row.
      logs: {
        destination: new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      tracingEnabled: false,
    });
    // A run that began before a deploy goes on with the version it began with.
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [`${databaseFunction.functionArn}:*`] }),
    );
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({ actions: ['rds:AddTagsToResource'], resources: [target.snapshotArn] }),
    );
  }
}
