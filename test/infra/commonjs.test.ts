import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeSum } from '../../lib/project/index.ts';

const root = resolve(import.meta.dirname, '../..');
const app = mkdtempSync(join(tmpdir(), 'lockkeeper-commonjs-'));
const installed = join(app, 'node_modules', 'lockkeeper');
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** The package as npm would install it, next to the app's own CDK: what `npm run build` left. */
const install = (): void => {
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'lockkeeper') symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
  }
};

const program = `
const { App, Stack } = require('aws-cdk-lib');
const { DatabaseCluster } = require('aws-cdk-lib/aws-rds');
const { Secret } = require('aws-cdk-lib/aws-secretsmanager');
const { Migrations, MigrationService } = require('lockkeeper');
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Shop');
new MigrationService(stack, 'Migrations', {
  cluster: DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Cluster', { clusterIdentifier: 'shop' }),
  secret: Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf'),
  databaseName: 'shop',
  migrations: Migrations.fromDirectory('migrations'),
});
app.synth();
`;

test("require('lockkeeper') from a CommonJS app compiles its migrations and synthesizes", () => {
  install();
  cpSync(join(root, 'migrations'), join(app, 'migrations'), { recursive: true });
  writeFileSync(join(app, 'app.js'), program);
  execFileSync(process.execPath, ['app.js'], { cwd: app, stdio: 'pipe' });
  const out = join(app, 'cdk.out');
  const asset =
    readdirSync(out).find(
      (name) => name.startsWith('asset.') && readdirSync(join(out, name)).includes('manifest.json'),
    ) ?? '';
  const { migrations } = JSON.parse(readFileSync(join(out, asset, 'manifest.json'), 'utf8')) as {
    migrations: { file: string }[];
  };
  expect(migrations.map(({ file }) => file)).toEqual(
    readdirSync(join(root, 'migrations'))
      .filter((name) => name.endsWith('.sql'))
      .toSorted(),
  );
});

test("the README's lines of CDK synthesize as an ES module", () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  writeFileSync(join(app, 'app.mjs'), /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
  const out = join(app, 'from-readme');
  execFileSync(process.execPath, ['app.mjs'], { cwd: app, stdio: 'pipe', env: { ...process.env, CDK_OUTDIR: out } });
  const { Resources } = JSON.parse(readFileSync(join(out, 'Shop.template.json'), 'utf8')) as {
    Resources: Record<string, { Type: string }>;
  };
  expect(Object.values(Resources).filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')).toHaveLength(2);
});

test('a migration that does not parse fails the synth with its file and line', () => {
  const file = join(app, 'migrations', '20990101000000-break-it.sql');
  writeFileSync(file, '-- migrate:up\nCREATE TABEL t ();\n\n-- migrate:down\nDROP TABLE t;\n');
  writeSum(app);
  const { status, stderr } = spawnSync(process.execPath, ['app.js'], { cwd: app, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/20990101000000-break-it\.sql:2:8/);
  expect(stderr).not.toMatch(/^ +at .*dist/m);
});
