import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../lib/project/package-root.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

const directory = mkdtempSync(join(tmpdir(), 'data-api-package-'));
const modules = join(packageRoot(), 'node_modules');
let postgres: TestServer;

/** A project that has installed the packed package, its dependencies and the SDK, and no @types. */
beforeAll(async () => {
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], {
    cwd: packageRoot(),
    encoding: 'utf8',
  }).trim();
  const installed = join(directory, 'node_modules', 'lockkeeper');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', [
    '-xzf',
    join(directory, packed.split('\n').at(-1) ?? ''),
    '--strip-components=1',
    '-C',
    installed,
  ]);
  for (const name of ['pg', '@aws-sdk']) symlinkSync(join(modules, name), join(directory, 'node_modules', name));
  postgres = await startTestServer();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

const run = (file: string, text: string, databaseUrl = ''): string => {
  writeFileSync(join(directory, file), text);
  return execFileSync(process.execPath, [file], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', DATABASE_URL: databaseUrl },
  });
};

describe('lockkeeper/data-api, from the packed package', () => {
  it('runs the example of docs/data-api.md as it says', async () => {
    const example = /```js\n(.*?)```/s.exec(readFileSync(join(packageRoot(), 'docs', 'data-api.md'), 'utf8'))?.[1];
    expect(run('example.mjs', example ?? '', await postgres.createDatabase())).toBe(
      'no reply: ECONNRESET\nships all the same: 1\n',
    );
  });

  it('can be required, and brings neither CDK nor command line nor SDK', () => {
    const text = `const { startDataApi, faults } = require('lockkeeper/data-api');
      const loaded = Object.keys(require.cache).filter((file) => /aws-cdk|constructs|commander|@aws-sdk|zod|libpg/.test(file));
      startDataApi({ clusters: [] }).then(async (api) => {
        console.log(typeof api.credentials.secretAccessKey, faults.length, JSON.stringify(loaded));
        await api.close();
      });`;
    expect(run('required.cjs', text)).toBe('string 13 []\n');
  });

  it('has types that need those of no other package', () => {
    const text = `import { type DataApiServer, type FaultAt, startDataApi } from 'lockkeeper/data-api';
      const cluster = { resourceArn: 'r', secretArn: 's', connect: () => ({ host: 'localhost', port: 5432 }) };
      export const server: Promise<DataApiServer> = startDataApi({ clusters: [cluster], faults: [{ call: 1, kind: 'throttled' }] });
      // @ts-expect-error -- no such kind
      export const wrong: Parameters<typeof startDataApi>[0] = { clusters: [], faults: [{ call: 1, kind: 'eaten' }] };
      export const at: FaultAt = { call: 1, kind: 'throttled' };`;
    writeFileSync(join(directory, 'typed.mts'), text);
    const options = '--noEmit --strict --module nodenext --moduleResolution nodenext --target es2022'.split(' ');
    const said = spawnSync(join(modules, '.bin', 'tsc'), [...options, 'typed.mts'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(said.stdout).toBe('');
  });
});
