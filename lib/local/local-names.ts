/** What the laptop's parts are called; they look like AWS's so that the same code reads them. */
const region = 'local';
const account = '000000000000';
const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;

export const localNames = {
  region,
  account,
  clusterIdentifier: 'lockkeeper-local',
  clusterArn: arn('rds', 'cluster:lockkeeper-local'),
  secretArn: arn('secretsmanager', 'secret:lockkeeper-local'),
  migrateArn: arn('states', 'stateMachine:lockkeeper-local-Migrate'),
  rollbackArn: arn('states', 'stateMachine:lockkeeper-local-Rollback'),
  roleArn: `arn:aws:iam::${account}:role/lockkeeper-local`,
  databaseFunctionArn: arn('lambda', 'function:lockkeeper-local-database'),
  finisherFunctionArn: arn('lambda', 'function:lockkeeper-local-finisher'),
  service: 'local',
} as const;
