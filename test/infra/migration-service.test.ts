import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { MigrationService } from '../../lib/index.ts';
import { resourcesOf, secretArn, serviceStack } from '../support/service-stack.ts';

const { app, stack, service } = serviceStack({ runOnDeploy: true, stepLimit: Duration.minutes(30) });
const starter = new Role(stack, 'Starter', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
const reverter = new Role(stack, 'Reverter', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
service.grantStart(starter);
service.grantRollback(reverter);
service.onFailed('Tell');
const template = Template.fromStack(stack);

/** Intrinsics as a person writes them: `${LogicalId}`, `${LogicalId.Arn}`, without the hashes. */
const readable = (value: any): string => {
  if (typeof value === 'string') return value.replaceAll(/[0-9A-F]{8}(?=[.}]|$)/g, '');
  if (value['Fn::Join']) return value['Fn::Join'][1].map(readable).join(value['Fn::Join'][0]);
  if (value['Fn::Select']) return `${readable(value['Fn::Select'][1]['Fn::Split'][1])}[${value['Fn::Select'][0]}]`;
  if (value['Fn::GetAtt']) return `\${${readable(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}}`;
  return value.Ref === 'AWS::Partition' ? 'aws' : `\${${readable(value.Ref.replace(/[0-9a-f]{32}$/, ''))}}`;
};
const list = (value: any): any[] => (Array.isArray(value) ? value : [value]);

/** `action on resource` of every statement of the policies of one role. */
const permissions = (role: RegExp): string[] =>
  Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some((one: any) => role.test(readable(one))))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action: string) => list(Resource).map((resource) => `${action} on ${readable(resource)}`)),
    )
    .toSorted();

const cluster = 'arn:aws:rds:eu-central-1:111122223333:cluster:shop';
const executions = (machine: string): string => `arn:aws:states:eu-central-1:111122223333:execution:Shop-${machine}:*`;
const ownLog = (name: string): string[] =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on \${${name}.Arn}`);

describe('each function may do what it has to, nothing more', () => {
  const database = [
    ...['Migrate', 'Rollback'].map((machine) => `states:DescribeExecution on ${executions(machine)}`),
    `rds-data:ExecuteStatement on ${cluster}`,
    `secretsmanager:GetSecretValue on ${secretArn}`,
  ];

  test('database', () => {
    expect(permissions(/MigrationsDatabaseRole/)).toEqual(
      [...database, ...ownLog('MigrationsDatabaseLogs')].toSorted(),
    );
  });

  test('finisher', () => {
    expect(permissions(/MigrationsFinisherRole/)).toEqual(
      [...database, ...ownLog('MigrationsFinisherLogs')].toSorted(),
    );
  });

  test('deploy', () => {
    expect(permissions(/MigrationsRunOnDeployFunctionRole/)).toEqual(
      [
        ...ownLog('MigrationsRunOnDeployFunctionLogs'),
        'states:StartExecution on ${MigrationsMigrateMachine}',
        `states:DescribeExecution on ${executions('Migrate')}`,
      ].toSorted(),
    );
  });
});

describe.each(['Migrate', 'Rollback'])('the role of %s', (machine) => {
  const granted = permissions(new RegExp(`Migrations${machine}MachineRole`)).filter((one) => !one.startsWith('logs:'));
  const snapshots = 'arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:lockkeeper-shop-*';

  test('makes and reads snapshots of this cluster with our name only, and invokes every version', () => {
    expect(granted).toEqual([
      'lambda:InvokeFunction on ${MigrationsDatabase.Arn}:*',
      'lambda:InvokeFunction on ${MigrationsDatabaseCurrentVersion}',
      `rds:AddTagsToResource on ${snapshots}`,
      `rds:CreateDBClusterSnapshot on ${snapshots}`,
      `rds:CreateDBClusterSnapshot on ${cluster}`,
      `rds:DescribeDBClusterSnapshots on ${snapshots}`,
      `rds:DescribeDBClusterSnapshots on ${cluster}`,
    ]);
  });

  test('belongs to a machine with a name to find it by, a log without data, and an end', () => {
    const found = Object.values(resourcesOf(template, 'AWS::StepFunctions::StateMachine')).find(
      ({ Properties }) => Properties.StateMachineName === `Shop-${machine}`,
    );
    expect(found?.Properties.LoggingConfiguration).toMatchObject({ IncludeExecutionData: false, Level: 'ALL' });
    expect(JSON.parse(readable(found?.Properties.DefinitionString))).toMatchObject({
      TimeoutSeconds: 604_800,
      QueryLanguage: 'JSONata',
    });
  });
});

test('published versions outlive the next deploy', () => {
  const versions = Object.values(resourcesOf(template, 'AWS::Lambda::Version'));
  expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Retain']);
});

test('functions run on Node 24 on arm64, log under their own retention, and share one asset', () => {
  const ours = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).filter(({ Properties }) =>
    /^(database|finisher|deploy)/.test(Properties.Handler),
  );
  expect(ours.map(({ Properties }) => Properties.Handler).toSorted()).toEqual([
    'database.handler',
    'deploy.handler',
    'finisher.handler',
  ]);
  for (const { Properties } of ours) {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogGroup: { Ref: expect.any(String) } },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  }
  expect(new Set(ours.map(({ Properties }) => Properties.Code.S3Key)).size).toBe(1);
  for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Logs::LogGroup')))
    expect(Properties.RetentionInDays).toBe(90);
});

test('the database function is told its database, and no password', () => {
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'database.handler',
    Environment: {
      Variables: {
        LOCKKEEPER_CLUSTER_ARN: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':rds:eu-central-1:111122223333:cluster:shop']],
        },
        LOCKKEEPER_DATABASE: 'shop',
        LOCKKEEPER_SECRET_ARN: secretArn,
        LOCKKEEPER_SERVICE: 'shop',
        POWERTOOLS_METRICS_NAMESPACE: 'Lockkeeper',
        POWERTOOLS_SERVICE_NAME: 'shop',
      },
    },
  });
});

test('the asset holds three bundles under 1 MB each and the manifest', () => {
  const out = app.outdir;
  const asset =
    readdirSync(out).find(
      (name) => name.startsWith('asset.') && readdirSync(join(out, name)).includes('manifest.json'),
    ) ?? '';
  const sizes = Object.fromEntries(
    readdirSync(join(out, asset)).map((name) => [name, statSync(join(out, asset, name)).size]),
  );
  expect(Object.keys(sizes).toSorted()).toEqual(['database.mjs', 'deploy.mjs', 'finisher.mjs', 'manifest.json']);
  expect(Math.max(...Object.values(sizes))).toBeLessThan(1_000_000);
  expect(JSON.parse(readFileSync(join(out, asset, 'manifest.json'), 'utf8'))).toMatchObject({
    format: 1,
    root: 'a'.repeat(64),
  });
});

test('a failed run, a run cut off and a step too long raise an alarm at the topic', () => {
  const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
  expect(alarms).toHaveLength(4);
  for (const { AlarmActions, TreatMissingData } of alarms) {
    expect(AlarmActions).toEqual(['arn:aws:sns:eu-central-1:111122223333:alarms']);
    expect(TreatMissingData).toBe('notBreaching');
  }
  expect(
    alarms
      .filter(({ MetricName }) => MetricName === 'ExecutionsFailed')
      .map(({ Dimensions }) => readable(Dimensions[0].Value))
      .toSorted(),
  ).toEqual(['${MigrationsMigrateMachine}', '${MigrationsRollbackMachine}']);
  expect(
    alarms
      .find(({ Metrics }) => Metrics)
      ?.Metrics.map(({ MetricStat }: any) => MetricStat?.Metric.MetricName)
      .toSorted(),
  ).toEqual(['ExecutionsAborted', 'ExecutionsAborted', 'ExecutionsTimedOut', 'ExecutionsTimedOut', undefined]);
  expect(alarms.find(({ Namespace }) => Namespace === 'Lockkeeper')).toMatchObject({
    MetricName: 'RunningStepAgeSeconds',
    Dimensions: [{ Name: 'service', Value: 'shop' }],
    Statistic: 'Maximum',
    Threshold: 1_800,
  });
});

test('runs that failed, timed out or were aborted wake the finisher, and whoever asked with onFailed', () => {
  const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map(({ Properties }) => Properties);
  expect(rules).toHaveLength(2);
  for (const { EventPattern } of rules) {
    expect(EventPattern).toMatchObject({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    });
    expect(EventPattern.detail.stateMachineArn.map(readable)).toEqual([
      '${MigrationsMigrateMachine}',
      '${MigrationsRollbackMachine}',
    ]);
  }
  const [target] = rules.flatMap(({ Targets = [] }) => Targets);
  expect(readable(target.Arn)).toBe('${MigrationsFinisher.Arn}');
  expect(target).toMatchObject({
    DeadLetterConfig: { Arn: expect.anything() },
    RetryPolicy: { MaximumRetryAttempts: 20 },
  });
});

test('a deploy that changes the manifest runs Migrate once the machine and its permissions are in place', () => {
  const [run] = Object.values(resourcesOf(template, 'Custom::LockkeeperRun'));
  expect(run?.Properties).toMatchObject({ manifest: 'a'.repeat(64), ServiceTimeout: '3600' });
  const before = run?.DependsOn?.map(readable) ?? [];
  expect(before).toContain('MigrationsMigrateMachine');
  expect(before).toContain('MigrationsMigrateMachineRoleDefaultPolicy');
});

test('without runOnDeploy a deploy runs nothing', () => {
  expect(serviceStack().stack.node.findChild('Migrations').node.tryFindChild('RunOnDeploy')).toBeUndefined();
});

/** The machine's name as the sixth part of its ARN. */
const executionsOf = 'arn:aws:states:eu-central-1:111122223333:execution:${Migrations';
const mayRun = (machine: string): string[] =>
  [
    `states:StartExecution on \${Migrations${machine}Machine}`,
    `states:ListExecutions on \${Migrations${machine}Machine}`,
    'states:ListStateMachines on *',
    ...['DescribeExecution', 'GetExecutionHistory', 'StopExecution'].map(
      (action) => `states:${action} on ${executionsOf}${machine}Machine}[6]:*`,
    ),
  ].toSorted();

test('who may start may follow and stop, on that machine only', () => {
  expect(permissions(/^\$\{Starter/)).toEqual(mayRun('Migrate'));
  expect(permissions(/^\$\{Reverter/)).toEqual(mayRun('Rollback'));
});

test('the outputs say where the machines are and how to start them', () => {
  const outputs = Object.values(template.findOutputs('*')).map(({ Value }) => readable(Value));
  expect(outputs).toEqual([
    '${MigrationsMigrateMachine}',
    '${MigrationsRollbackMachine}',
    'a'.repeat(64),
    'lockkeeper up --stack Shop',
    `aws stepfunctions start-execution --state-machine-arn \${MigrationsMigrateMachine} --input '{"manifest":"${'a'.repeat(64)}"}'`,
    "aws stepfunctions start-execution --state-machine-arn ${MigrationsRollbackMachine} --input '{}'",
  ]);
});

test('two services of one stack need two names, and a name has to fit a state machine', () => {
  const one = serviceStack({ serviceName: 'shop-eu' });
  const again = (serviceName: string): MigrationService =>
    new MigrationService(one.stack, serviceName, { ...one.props, serviceName });
  expect(() => again('shop-eu')).toThrow(
    'two migration services of stack Shop are called shop-eu: give one a serviceName',
  );
  expect(() => again('no_such name')).toThrow(
    'serviceName no_such name: expected at most 71 letters, digits and hyphens',
  );
  expect(() => again('x'.repeat(72))).toThrow('expected at most 71');
  expect(again('shop-us').service).toBe('shop-us');
});
