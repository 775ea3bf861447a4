import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Migrations, MigrationService, type MigrationServiceProps } from '../../lib/index.ts';
import { sampleManifest, sampleMigration } from './sample-manifest.ts';

export const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf';

/** A stack `Shop` with a service for an existing cluster, without the flags of `cdk.json` unless given. */
export const serviceStack = (
  props: Partial<MigrationServiceProps> = {},
  context: Record<string, unknown> = {},
): { app: App; stack: Stack; service: MigrationService; props: MigrationServiceProps } => {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'lockkeeper-infra-')), context });
  const stack = new Stack(app, 'Shop', { env: { account: '111122223333', region: 'eu-central-1' } });
  const all: MigrationServiceProps = {
    cluster: DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Cluster', { clusterIdentifier: 'shop' }),
    secret: Secret.fromSecretCompleteArn(stack, 'Secret', secretArn),
    databaseName: 'shop',
    migrations: Migrations.fromManifest(sampleManifest([sampleMigration('20260101000000')])),
    alarmTopic: Topic.fromTopicArn(stack, 'Alarms', 'arn:aws:sns:eu-central-1:111122223333:alarms'),
    ...props,
  };
  return { app, stack, service: new MigrationService(stack, 'Migrations', all), props: all };
};

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Properties: Readonly<Record<string, any>>;
}

/** The template's resources of one type, by logical id. */
export const resourcesOf = (template: Template, type: string): Readonly<Record<string, Resource>> =>
  template.findResources(type) as Readonly<Record<string, Resource>>;
