import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { LockkeeperErrors } from '../../lib/errors/index.ts';
import { readManifest } from '../../lib/migration/index.ts';
import { compileProject, compileProjectSync } from '../../lib/project/index.ts';

const root = resolve(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-compile-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const broken = join(directory, 'broken');
mkdirSync(join(broken, 'migrations'), { recursive: true });
const whole = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n';
writeFileSync(join(broken, 'migrations/one.sql'), whole);
writeFileSync(join(broken, 'migrations/two.sql'), whole);

test('compiles the example synchronously to what it compiles to asynchronously', async () => {
  expect(compileProjectSync(root)).toEqual(await compileProject(root));
});

test('errors cross from the worker with code, message and findings', () => {
  expect(() => compileProjectSync(broken)).toThrow(LockkeeperErrors);
  try {
    compileProjectSync(broken);
  } catch (error) {
    const { code, findings } = error as LockkeeperErrors;
    expect(code).toBe('MigrationNameInvalid');
    expect(findings.map(({ details }) => details)).toEqual([{ file: 'one.sql' }, { file: 'two.sql' }]);
  }
});

/** Why a manifest is refused; empty when it is not. */
const refusal = (text: string): string => {
  try {
    readManifest(text);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('a manifest is read back, and refused when it is another format, incomplete or changed', async () => {
  const json = JSON.stringify(await compileProject(root));
  expect(readManifest(json)).toEqual(JSON.parse(json));
  expect(refusal('{')).toBe('the manifest cannot be used: not JSON');
  expect(refusal('null')).toBe('the manifest cannot be used: format absent, expected 1');
  expect(refusal(json.replace('"format":1', '"format":2'))).toBe('the manifest cannot be used: format 2, expected 1');
  expect(refusal(json.replace('"lockTimeoutMs":900', '"lockTimeoutMs":901'))).toMatch(
    /^the manifest cannot be used: root \w+, expected \w+$/,
  );
  expect(refusal(json.replace('"lockTimeoutMs":900,', '"lockTimeoutMss":900,'))).toBe(
    'the manifest cannot be used: its settings are not those of this version',
  );
});

test('compiles from a CommonJS bundle with its worker beside it, and the process ends by itself', async () => {
  const dist = join(directory, 'dist');
  await build({
    stdin: {
      contents: "export { compileProjectSync } from './lib/project/compile-project-sync.ts';",
      resolveDir: root,
    },
    outfile: join(dist, 'index.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await build({
    entryPoints: [join(root, 'lib/project/compile-worker.ts')],
    outfile: join(dist, 'compile-worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['libpg-query'],
  });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const run = (project: string): string =>
    execFileSync(
      process.execPath,
      [
        '-e',
        `try { console.log(require(${JSON.stringify(join(dist, 'index.cjs'))}).compileProjectSync(${JSON.stringify(project)}).root); }
         catch (error) { console.log(error.name); }`,
      ],
      { encoding: 'utf8', cwd: tmpdir(), timeout: 30_000 },
    ).trim();
  expect(run(root)).toBe((await compileProject(root)).root);
  expect(run(broken)).toBe('MigrationNameInvalid');
});
