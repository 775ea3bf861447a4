import { App, Stack } from 'aws-cdk-lib';
import { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LockkeeperError } from '../lib/errors/index.ts';
import { Migrations, MigrationService, type MigrationServiceProps, ServerlessCluster } from '../lib/index.ts';

/**
 * The service on its own: `-c clusterIdentifier= -c secretArn= -c databaseName=` names an existing cluster; without them it gets a new one.
 * Further context: `stack` (name), `migrations` (directory), `stage`, `runOnDeploy=true`, `alarmTopicArn`.
 */
const app = new App();
const context = (name: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
const required = (name: string): string => {
  const value = context(name);
  if (value === undefined) {
    const error = new LockkeeperError(
      'UsageInvalid',
      `an existing cluster needs clusterIdentifier, secretArn and databaseName: ${name} is missing`,
    );
    error.stack = `${error.name}: ${error.message}`; // what Node prints; our call stack helps nobody here
    throw error;
  }
  return value;
};

/** The database that the context names, or a new one. */
const database = (stack: Stack): Pick<MigrationServiceProps, 'cluster' | 'secret' | 'databaseName'> => {
  if (context('clusterIdentifier') === undefined && context('secretArn') === undefined) {
    const databaseName = context('databaseName') ?? 'shop';
    const { cluster, secret } = new ServerlessCluster(stack, 'Database', { databaseName });
    return { cluster, secret, databaseName };
  }
  const clusterIdentifier = required('clusterIdentifier');
  return {
    cluster: DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Cluster', { clusterIdentifier }),
    secret: Secret.fromSecretCompleteArn(stack, 'Secret', required('secretArn')),
    databaseName: required('databaseName'),
  };
};

const stack = new Stack(app, context('stack') ?? 'Lockkeeper', {
  description: 'Schema migrations for an Aurora PostgreSQL database',
});
const stage = context('stage');
const alarmTopicArn = context('alarmTopicArn');
export const service = new MigrationService(stack, 'Migrations', {
  ...database(stack),
  migrations: Migrations.fromDirectory(context('migrations') ?? 'migrations', stage === undefined ? {} : { stage }),
  runOnDeploy: context('runOnDeploy') === 'true',
  ...(alarmTopicArn === undefined ? {} : { alarmTopic: Topic.fromTopicArn(stack, 'AlarmTopic', alarmTopicArn) }),
});
