import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { executionArns, type FunctionsProps, serviceFunction } from './service-functions.ts';

export interface RunOnDeployProps extends FunctionsProps {
  readonly migrate: StateMachine;
  readonly migrateName: string;
  /** Root of the manifest that is deployed; a change of it starts a run. */
  readonly manifestRoot: string;
}

/** Starts `Migrate` with each deploy that changes the manifest, follows it, and fails the deploy with its cause. */
export class RunOnDeploy extends Construct {
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: RunOnDeployProps) {
    super(scope, id);
    const { migrate, migrateName, manifestRoot, logRetention, removalPolicy } = props;
    const handler = serviceFunction(this, 'Function', props, {
      bundle: 'deploy',
      description: 'Lockkeeper: starts Migrate for a deployment and follows it',
      timeout: Duration.minutes(1),
      environment: { LOCKKEEPER_MIGRATE_ARN: migrate.stateMachineArn },
      may: [
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [migrate.stateMachineArn] }),
        new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executionArns(this, migrateName)] }),
      ],
    });
    const provider = new Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      queryInterval: Duration.seconds(15),
      // The handler's own, honest answer comes at 55 minutes; CloudFormation gives up at 60.
      totalTimeout: Duration.minutes(58),
      logGroup: new LogGroup(this, 'ProviderLogs', { retention: logRetention, removalPolicy }),
      disableWaiterStateMachineLogging: true,
    });
    this.resource = new CustomResource(this, 'Run', {
      resourceType: 'Custom::LockkeeperRun',
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.hours(1),
      properties: { manifest: manifestRoot },
    });
    this.resource.node.addDependency(migrate);
  }
}
