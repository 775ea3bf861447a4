import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { ServerlessCluster } from '../../lib/index.ts';
import { serviceStack } from '../support/service-stack.ts';

/** Findings of AwsSolutions that are meant to be so, by the path of the construct that answers for them, and why. */
const acknowledged: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Shop/Migrations': {
    'IAM5[Resource::arn:<AWS::Partition>:states:eu-central-1:111122223333:execution:Shop-Migrate:*]':
      'executions have no names before they run; the machine is named',
    'IAM5[Resource::arn:<AWS::Partition>:states:eu-central-1:111122223333:execution:Shop-Rollback:*]':
      'executions have no names before they run; the machine is named',
    'IAM5[Resource::arn:<AWS::Partition>:rds:eu-central-1:111122223333:cluster-snapshot:lockkeeper-shop-*]':
      "each run names its own snapshot behind the service's prefix",
    'IAM5[Resource::<MigrationsDatabaseCED37FD4.Arn>:*]':
      'a run that began before a deploy goes on with the version it began with',
    SF2: 'the ledger and the execution history tell what a run did; X-Ray would add nothing but cost',
    SQS3: 'it is the dead-letter queue of the rule that wakes the finisher',
  },
  'Shop/Migrations/Migrate': {
    'IAM5[Resource::*]':
      'log delivery knows no resources: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html',
  },
  'Shop/Migrations/Rollback': {
    'IAM5[Resource::*]':
      'log delivery knows no resources: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html',
  },
  'Shop/Migrations/RunOnDeploy/Provider': {
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
      "the CDK's provider framework makes these roles",
    'IAM5[Resource::<MigrationsRunOnDeployFunctionBADC8686.Arn>:*]': "the CDK's provider framework makes these roles",
    'IAM5[Resource::<MigrationsRunOnDeployProviderframeworkisCompleteD95C57FA.Arn>:*]':
      "the CDK's provider framework makes these roles",
    'IAM5[Resource::<MigrationsRunOnDeployProviderframeworkonTimeout29D56676.Arn>:*]':
      "the CDK's provider framework makes these roles",
    SF1: 'it only asks the handler again and again, and the handler logs',
  },
  'Shop/Database/Cluster': {
    SMG4: 'rotation needs a function inside the network, which has no way out; the Data API reads the secret anew for each call',
  },
};

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

const checked = (): App => {
  const { app, stack } = serviceStack({ runOnDeploy: true });
  const { cluster } = new ServerlessCluster(stack, 'Database', { databaseName: 'shop' });
  expect(cluster.node.path).toBe('Shop/Database/Cluster');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};

test('cdk-nag finds what is acknowledged with a reason, nothing else and nothing less', () => {
  const app = checked();
  expect(() => app.synth()).toThrow('AwsSolutions');
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
  const found = report.pluginReports
    .filter(({ pluginName }) => pluginName === 'AwsSolutions')
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => {
        const answering = Object.keys(acknowledged).filter((path) => constructPath.startsWith(`${path}/`));
        const rule = ruleName.replace('AwsSolutions-', '');
        return `${answering.findLast((path) => rule in (acknowledged[path] ?? {})) ?? constructPath}: ${rule}`;
      }),
    );
  const expected = Object.entries(acknowledged).flatMap(([path, rules]) =>
    Object.keys(rules).map((rule) => `${path}: ${rule}`),
  );
  expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
});

test('a stack that acknowledges these findings synthesizes', () => {
  const app = checked();
  for (const [path, rules] of Object.entries(acknowledged)) {
    const construct = app.node.findAll().find(({ node }) => node.path === path);
    expect(construct, path).toBeDefined();
    for (const [rule, reason] of Object.entries(rules)) {
      if (construct) Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
    }
  }
  expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['Shop']);
});
