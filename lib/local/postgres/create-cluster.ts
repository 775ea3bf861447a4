import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makingDirectory } from './cache-directory.ts';
import { copyDirectory } from './copy-directory.ts';
import type { Installation } from './installation.ts';
import type { PostgresLayout } from './postgres-layout.ts';
import { reachedBy, type ServerAccount } from './server-account.ts';
import { startFailure } from './server-log.ts';

export const superuser = 'postgres';

/**
 * Makes an empty cluster where none is, whole or not at all: UTF-8, collation C.UTF-8 of PostgreSQL's own so that it sorts alike on
 * every machine, password over loopback only. A copy of a cluster kept in `cache`, which the first call makes with initdb.
 */
export const createCluster = async (
  layout: PostgresLayout,
  installation: Installation,
  cache: string,
  account: ServerAccount | undefined,
): Promise<void> => {
  const making = `${layout.data}.making`;
  rmSync(making, { recursive: true, force: true });
  const template = await clusterTemplate(installation, cache, account, layout.log);
  await copyDirectory(join(template, 'data'), making, { account });
  await writeFile(layout.password, await readFile(join(template, 'password'), 'utf8'), { mode: 0o600 });
  renameSync(making, layout.data);
};

const clusterTemplate = async (
  installation: Installation,
  cache: string,
  account: ServerAccount | undefined,
  logPath: string,
): Promise<string> => {
  const template = join(cache, `cluster-${installation.version}-${account?.uid ?? process.getuid?.() ?? 0}`);
  if (existsSync(template)) return template;
  const making = makingDirectory(cache);
  try {
    const data = join(making, 'data');
    const password = join(making, 'password');
    mkdirSync(data, { mode: 0o700 });
    await writeFile(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (account !== undefined) for (const path of [data, password]) chownSync(path, account.uid, account.gid);
    await initialize(installation, data, account, logPath);
    renameSync(making, template);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
  return template;
};

const initialize = (
  { initdb }: Installation,
  data: string,
  account: ServerAccount | undefined,
  logPath: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const reached = reachedBy(account, data);
    const child = spawn(
      initdb,
      [
        `--pgdata=${reached}`,
        `--username=${superuser}`,
        `--pwfile=${reached}/../password`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--wal-segsize=1',
        '--no-sync',
        '--no-instructions',
      ],
      {
        ...account,
        cwd: data,
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(startFailure(said, `initdb ended with ${code}`, logPath));
    });
  });
