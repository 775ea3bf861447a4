import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { functionBuild } from '../../lib/infra/function-bundles.ts';

const root = resolve(import.meta.dirname, '../..');
const app = mkdtempSync(join(tmpdir(), 'lockkeeper-commonjs-'));
const installed = join(app, 'node_modules', 'lockkeeper');
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** The package as npm would install it, next to the app's own CDK. */
const install = async (): Promise<void> => {
  const dist = join(installed, 'dist');
  mkdirSync(dist, { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'lockkeeper') symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
  }
  const shared = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    packages: 'external',
  } as const;
  await Promise.all([
    build({
      ...shared,
      entryPoints: { index: 'lib/index.ts' },
      outdir: dist,
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      define: { 'import.meta.url': '__importMetaUrl' },
      banner: { js: "const __importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    }),
    build({
      ...shared,
      entryPoints: ['lib/project/compile-worker.ts'],
      outdir: dist,
      outExtension: { '.js': '.mjs' },
      format: 'esm',
    }),
    build(functionBuild(root, join(dist, 'lambda'))),
  ]);
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

test("require('lockkeeper') from a CommonJS app compiles its migrations and synthesizes", async () => {
  await install();
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

test('a migration that does not parse fails the synth with its file and line', () => {
  const file = join(app, 'migrations', '20990101000000-break-it.sql');
  writeFileSync(file, '-- migrate:up\nCREATE TABEL t ();\n\n-- migrate:down\nDROP TABLE t;\n');
  expect(() => execFileSync(process.execPath, ['app.js'], { cwd: app, stdio: 'pipe' })).toThrow(
    /20990101000000-break-it\.sql/,
  );
});
