import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IDatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type MetricName, metricUnits } from '../workflow/telemetry.ts';
import { finisher, onRunsFailed } from './finisher.ts';
import { databaseFunctionTimeout } from './machine/action-tasks.ts';
import { MigrationMachine } from './migration-machine.ts';
import type { Migrations } from './migrations.ts';
import { RunOnDeploy } from './run-on-deploy.ts';
import { type Alarms, serviceAlarms } from './service-alarms.ts';
import { databaseEnvironment, databasePermissions, executionArns, serviceFunction } from './service-functions.ts';
import { machineNames, serviceName } from './service-names.ts';
import { serviceOutputs } from './service-outputs.ts';
import { targetOf } from './target.ts';

export interface MigrationServiceProps {
  /** An Aurora PostgreSQL cluster with its Data API switched on, in the stack's account and region. */
  readonly cluster: Pick<IDatabaseCluster, 'clusterIdentifier' | 'clusterArn'>;
  /** The database role that the migrations run as, in the form the Data API reads: `username` and `password`. */
  readonly secret: ISecret;
  readonly databaseName: string;
  readonly migrations: Migrations;
  /**
   * Name of the service: its machines are `<name>-Migrate` and `<name>-Rollback`, and `lockkeeper --stack <name>` finds them.
   * @default the stack's name
   */
  readonly serviceName?: string;
  /**
   * Start `Migrate` with each deploy that changes the manifest, and fail the deploy when it fails.
   * @default false
   */
  readonly runOnDeploy?: boolean;
  /** Gets the alarms. */
  readonly alarmTopic?: ITopic;
  /** @default three months */
  readonly logRetention?: RetentionDays;
  /** How long a run may take in all. @default seven days */
  readonly timeout?: Duration;
  /** How long a single step may run before an alarm. @default one hour */
  readonly stepLimit?: Duration;
  /** What happens to the log groups when the service is removed. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

/** Migrations of one Aurora PostgreSQL database: two state machines, their functions, what watches them, and a way to run them with a deploy. */
export class MigrationService extends Construct {
  /** `Migrate`: applies what is pending. */
  readonly stateMachine: StateMachine;
  /** `Rollback`: reverts what a run applied. */
  readonly rollbackStateMachine: StateMachine;
  /** Every action of the machines that touches the database. */
  readonly databaseFunction: LambdaFunction;
  readonly alarms: Alarms;
  /** The service's name as its metrics, tags and snapshots bear it: lower case. */
  readonly service: string;

  constructor(scope: Construct, id: string, props: MigrationServiceProps) {
    super(scope, id);
    const { cluster, migrations, secret, databaseName } = props;
    const name = serviceName(this, props.serviceName);
    const names = machineNames(name);
    this.service = name.toLowerCase();
    const keep = {
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    };
    const functions = { code: migrations.code(this), service: this.service, ...keep };
    const access = { clusterArn: cluster.clusterArn, secret, databaseName };
    const executions = [executionArns(this, names.migrate), executionArns(this, names.rollback)];

    this.databaseFunction = serviceFunction(this, 'Database', functions, {
      bundle: 'database',
      description: `Lockkeeper: the actions of ${names.migrate} and ${names.rollback}`,
      timeout: databaseFunctionTimeout,
      environment: databaseEnvironment(access),
      may: databasePermissions(access, executions),
    });
    const machines = {
      databaseFunction: this.databaseFunction,
      target: targetOf(this, cluster, this.service),
      timeout: props.timeout ?? Duration.days(7),
      ...keep,
    };
    this.stateMachine = new MigrationMachine(this, 'Migrate', {
      ...machines,
      direction: 'up',
      stateMachineName: names.migrate,
    }).stateMachine;
    this.rollbackStateMachine = new MigrationMachine(this, 'Rollback', {
      ...machines,
      direction: 'down',
      stateMachineName: names.rollback,
    }).stateMachine;

    finisher(this, functions, {
      access,
      executions,
      stateMachines: [this.stateMachine, this.rollbackStateMachine],
    });
    this.alarms = serviceAlarms(this, {
      migrate: this.stateMachine,
      rollback: this.rollbackStateMachine,
      runningStepAge: this.metricRunningStepAge({ period: Duration.minutes(5) }),
      stepLimit: props.stepLimit ?? Duration.hours(1),
      topic: props.alarmTopic,
    });
    if (props.runOnDeploy === true) {
      const run = new RunOnDeploy(this, 'RunOnDeploy', {
        ...functions,
        migrate: this.stateMachine,
        migrateName: names.migrate,
        manifestRoot: migrations.manifest.root,
      });
      if (Construct.isConstruct(cluster)) run.resource.node.addDependency(cluster);
    }
    serviceOutputs(this, {
      name,
      migrate: this.stateMachine,
      rollback: this.rollbackStateMachine,
      manifestRoot: migrations.manifest.root,
    });
  }

  /** Lets it start, follow and stop `Migrate`. */
  grantStart(grantee: IGrantable): Grant {
    return grantRun(this.stateMachine, grantee);
  }

  /** Lets it start, follow and stop `Rollback`. */
  grantRollback(grantee: IGrantable): Grant {
    return grantRun(this.rollbackStateMachine, grantee);
  }

  /** A rule for every run of either machine that failed, timed out or was aborted. */
  onFailed(id: string, options: OnEventOptions = {}): Rule {
    return onRunsFailed(this, id, [this.stateMachine, this.rollbackStateMachine], options);
  }

  /** One of the metrics that the runs publish, in namespace `Lockkeeper` with dimension `service`. */
  metric(name: MetricName, options: MetricOptions = {}): Metric {
    const statistic = name === 'RunningStepAgeSeconds' ? 'Maximum' : metricUnits[name] === 'Count' ? 'Sum' : 'Average';
    return new Metric({
      namespace: 'Lockkeeper',
      metricName: name,
      dimensionsMap: { service: this.service },
      statistic,
      ...options,
    });
  }

  metricApplied(options?: MetricOptions): Metric {
    return this.metric('MigrationsApplied', options);
  }

  metricReverted(options?: MetricOptions): Metric {
    return this.metric('MigrationsReverted', options);
  }

  metricRunsStarted(options?: MetricOptions): Metric {
    return this.metric('RunsStarted', options);
  }

  metricRunsFailed(options?: MetricOptions): Metric {
    return this.metric('RunsFailed', options);
  }

  /** Milliseconds from the start of an execution to its end. */
  metricRunDuration(options?: MetricOptions): Metric {
    return this.metric('RunDuration', options);
  }

  metricRows(options?: MetricOptions): Metric {
    return this.metric('RowsAffected', options);
  }

  metricLockWaits(options?: MetricOptions): Metric {
    return this.metric('LockWaits', options);
  }

  /** Age of a step that is still running, in seconds. */
  metricRunningStepAge(options?: MetricOptions): Metric {
    return this.metric('RunningStepAgeSeconds', options);
  }
}

/** The command line finds the machines by name, and names can only be listed all together. */
const grantRun = (machine: StateMachine, grantee: IGrantable): Grant =>
  machine
    .grantStartExecution(grantee)
    .combine(machine.grant(grantee, 'states:ListExecutions'))
    .combine(
      machine.grantExecution(grantee, 'states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'),
    )
    .combine(Grant.addToPrincipal({ grantee, actions: ['states:ListStateMachines'], resourceArns: ['*'] }));
