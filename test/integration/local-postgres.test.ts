import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityOf, type LocalPostgres, openPostgres, serverAccount } from '../../lib/local/postgres/index.ts';

const root = mkdtempSync(join(tmpdir(), 'local-postgres-'));
let directories = 0;
const newDirectory = (): string => join(root, String((directories += 1)));
const opened: LocalPostgres[] = [];
const open = async (directory: string, more: { port?: number; database?: string; cache?: string } = {}) => {
  const postgres = await openPostgres({ directory, fsync: false, ...more });
  opened.push(postgres);
  return postgres;
};
const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

afterAll(async () => {
  for (const postgres of opened) await postgres.stop();
  rmSync(root, { recursive: true });
});

describe('the first time', () => {
  let postgres: LocalPostgres;
  beforeAll(async () => {
    postgres = await open(newDirectory());
  });

  it('makes a UTF-8 cluster of PostgreSQL 17 with 1 MB segments that sorts by code point', async () => {
    const facts = await query(
      postgres.url(),
      `select current_database(), current_setting('server_encoding'), current_setting('wal_segment_size'),
        datlocprovider, datlocale, 'B' < 'a' from pg_database where datname = 'app'`,
    );
    expect(facts).toEqual(['app', 'UTF8', '1MB', 'b', 'C.UTF-8', true]);
    expect(postgres.version).toMatch(/^17\.\d+$/);
  });

  it('keeps the password in a file that only its owner can read', () => {
    const file = join(postgres.dataDirectory, '..', 'password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(postgres.password);
    expect(postgres.password.length).toBe(24);
  });

  it('refuses a wrong password', async () => {
    const url = postgres.url().replace(postgres.password, 'wrong');
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('writes neither statements nor values to its log', async () => {
    await expect(query(postgres.url(), `select 'sesame-4711'::int`)).rejects.toMatchObject({ code: '22P02' });
    expect(readFileSync(join(postgres.dataDirectory, '..', 'server.log'), 'utf8')).not.toContain('sesame-4711');
  });

  it('makes another database when another is named', async () => {
    const other = await open(join(postgres.dataDirectory, '..', '..'), { database: 'sh"op ü' });
    expect(await query(other.url(), 'select current_database()')).toEqual(['sh"op ü']);
    expect(await query(postgres.url(), 'select current_database()')).toEqual(['app']);
    await other.stop();
  });
});

it('makes a cluster without a cache, too, and fills the cache', async () => {
  const cache = newDirectory();
  const first = await open(newDirectory(), { cache });
  const second = await open(newDirectory(), { cache });
  expect(await query(first.url(), 'select 1')).toEqual([1]);
  expect(await query(second.url(), 'select 1')).toEqual([1]);
  expect(first.password).toBe(second.password);
});

it('keeps rows and port from one time to the next', async () => {
  const directory = newDirectory();
  const before = await open(directory);
  await query(before.url(), `create table ship as select 'Anna' as name`);
  await before.stop();
  expect(identityOf(before.pid)).toBeUndefined();
  const after = await open(directory);
  expect(after.port).toBe(before.port);
  expect(await query(after.url(), 'select name from ship')).toEqual(['Anna']);
});

it('stops only after the last of its users in one process has left', async () => {
  const directory = newDirectory();
  const [first, second] = await Promise.all([open(directory), open(directory)]);
  expect(first.pid).toBe(second.pid);
  await first.stop();
  await first.stop();
  expect(await query(second.url(), 'select 1')).toEqual([1]);
  await second.stop();
  expect(identityOf(second.pid)).toBeUndefined();
});

const openAfterLeaving = async (pid: number) => {
  const directory = newDirectory();
  const before = await open(directory);
  await query(before.url(), 'create table kept ()');
  await before.stop();
  writeFileSync(
    join(before.dataDirectory, 'postmaster.pid'),
    [pid, before.dataDirectory, 1_700_000_000, before.port, '', '127.0.0.1', '0 0', 'ready   ', ''].join('\n'),
  );
  const after = await open(directory);
  expect(await query(after.url(), `select to_regclass('kept')::text`)).toEqual(['kept']);
  expect(after.pid).not.toBe(pid);
};

describe('a postmaster.pid left behind', () => {
  it('is dealt with when its process is gone', () => openAfterLeaving(4_000_000));
  it('is dealt with when its number belongs to another program of the same user by now', async () => {
    const other = spawn('sleep', ['60'], { ...serverAccount(root), stdio: 'ignore' });
    await openAfterLeaving(other.pid ?? 0);
    other.kill();
  });
});

it('recovers what was committed after the server itself was killed', async () => {
  const directory = newDirectory();
  const before = await open(directory);
  await query(before.url(), 'create table kept as select generate_series(1, 1000) as n');
  process.kill(before.pid, 'SIGKILL');
  const after = await open(directory);
  expect(await query(after.url(), 'select count(*)::int from kept')).toEqual([1000]);
  expect(after.pid).not.toBe(before.pid);
});

describe('fails with a code of its own', () => {
  it('PortTaken when something else listens on the given port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(open(newDirectory(), { port })).rejects.toMatchObject({
      code: 'PortTaken',
      message: `port ${port} on 127.0.0.1 is taken; a free port was expected`,
    });
    other.close();
  });

  it('DirectoryUnusable when a file stands where the directory should be', async () => {
    const file = newDirectory();
    writeFileSync(file, '');
    await expect(open(file)).rejects.toMatchObject({ code: 'DirectoryUnusable' });
  });

  it('PostgresFailed with the versions when the data is of another major version', async () => {
    const directory = newDirectory();
    const before = await open(directory);
    await before.stop();
    writeFileSync(join(before.dataDirectory, 'PG_VERSION'), '15\n');
    await expect(open(directory)).rejects.toMatchObject({
      code: 'PostgresFailed',
      message: `${before.dataDirectory} was made by PostgreSQL 15; data of PostgreSQL 17 was expected`,
    });
  });

  it('PostgresFailed with the log and its last telling line when the server does not start', async () => {
    const directory = newDirectory();
    const before = await open(directory);
    await before.stop();
    writeFileSync(join(before.dataDirectory, 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(open(directory)).rejects.toMatchObject({
      code: 'PostgresFailed',
      message: expect.stringMatching(
        /FATAL: +configuration file .*postgresql\.conf" contains errors; see .*server\.log$/,
      ),
    });
  });
});

const small = newDirectory();
const mount = (options: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', small], { stdio: 'ignore' });
const unmount = () => execFileSync('umount', ['-l', small]);
const canMount = ((): boolean => {
  try {
    mkdirSync(small);
    mount('size=1m');
    unmount();
    return true;
  } catch {
    return false;
  }
})();
describe.skipIf(!canMount)('on a full disk (skipped where a tmpfs cannot be mounted)', () => {
  beforeAll(() => mount('size=12m'));
  afterAll(() => unmount());
  it('DiskFull, nothing half made, and it works once there is room', async () => {
    await expect(open(small)).rejects.toMatchObject({ code: 'DiskFull' });
    execFileSync('mount', ['-o', 'remount,size=200m', small]);
    const postgres = await open(small);
    expect(await query(postgres.url(), 'select 1')).toEqual([1]);
    await postgres.stop();

    execFileSync('mount', ['-o', 'remount,size=40m', small]);
    execFileSync('sh', ['-c', `cat /dev/zero > ${small}/filler || true`], { stdio: 'ignore' });
    await expect(open(small)).rejects.toMatchObject({ code: 'DiskFull' });
    rmSync(join(small, 'filler'));
    const again = await open(small);
    expect(await query(again.url(), 'select 1')).toEqual([1]);
    await again.stop();
  });
});
