import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { packageRoot } from '../project/package-root.ts';

/** A bundle that holds CommonJS packages needs these in ESM. */
export const commonJsBanner =
  "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);";

/** How the functions' bundles are built: minified ES modules, each with its SDK clients in it. */
export const functionBuild = (root: string, outdir: string) =>
  ({
    absWorkingDir: root,
    entryPoints: {
      database: 'lambdas/database.ts',
      finisher: 'lambdas/finisher.ts',
      deploy: 'lambdas/deploy/index.ts',
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: commonJsBanner },
  }) satisfies BuildOptions;

const sourceFolders = [
  'lambdas',
  ...['errors', 'migration', 'ledger', 'workflow', 'dataapi', 'aws'].map((room) => join('lib', room)),
];

const newestSourceMs = (root: string): number =>
  Math.max(
    0,
    ...sourceFolders
      .map((folder) => join(root, folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
      .map((file) => statSync(file).mtimeMs),
  );

/** Puts the bundles of the functions into `directory`: the ones that were built, or, in a checkout that has moved on, fresh ones. */
export const writeFunctionBundles = (directory: string): void => {
  const root = packageRoot();
  const built = join(root, 'dist', 'lambda');
  mkdirSync(directory, { recursive: true });
  if (existsSync(join(built, 'deploy.mjs')) && statSync(join(built, 'deploy.mjs')).mtimeMs >= newestSourceMs(root)) {
    cpSync(built, directory, { recursive: true });
    return;
  }
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  buildSync(functionBuild(root, directory));
};
