import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../lib/local/postgres/index.ts';
import { identityOf } from '../../lib/local/postgres/process-identity.ts';
import { processMutex } from '../../lib/local/postgres/process-mutex.ts';
import { holdPostgres } from '../support/held-postgres.ts';

const root = mkdtempSync(join(tmpdir(), 'local-postgres-shared-'));
let directories = 0;
const newDirectory = (): string => join(root, String((directories += 1)));
const sessions = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ one: number }>('select 1 as one');
  await client.end();
  return rows[0]?.one ?? 0;
};

afterAll(() => rmSync(root, { recursive: true }));

describe('processes that share a directory', () => {
  it('that open it at once for the first time get one server; the last to leave stops it', async () => {
    const directory = newDirectory();
    const [a, b] = await Promise.all([holdPostgres(directory), holdPostgres(directory)]);
    expect(a.server).toBe(b.server);
    expect(a.port).toBe(b.port);
    await a.release();
    expect(await sessions(b.url)).toBe(1);
    await b.release();
    expect(identityOf(b.server)).toBeUndefined();
  });

  it('after the one that started it was killed join its server, and stop it in the end', async () => {
    const directory = newDirectory();
    const killed = await holdPostgres(directory);
    await killed.kill();
    expect(identityOf(killed.server)).toBeDefined();
    const postgres = await openPostgres({ directory, fsync: false });
    expect(postgres.pid).toBe(killed.server);
    expect(await sessions(postgres.url())).toBe(1);
    await postgres.stop();
    expect(identityOf(killed.server)).toBeUndefined();
  });

  it('leave no server behind when they exit without stopping it', async () => {
    const held = await holdPostgres(newDirectory());
    await held.exit();
    await expect.poll(() => identityOf(held.server), { timeout: 5_000 }).toBeUndefined();
  });
});

it('a server outlives the ^C that ends the process which started it', async () => {
  const directory = newDirectory();
  const held = await holdPostgres(directory);
  process.kill(-(held.child.pid ?? 0), 'SIGINT');
  await held.ended;
  expect(await sessions(held.url)).toBe(1);
  const postgres = await openPostgres({ directory, fsync: false });
  expect(postgres.pid).toBe(held.server);
  await postgres.stop();
});

const isRoot = process.getuid?.() === 0;
describe.skipIf(!isRoot)('for root (skipped for other users)', () => {
  it('runs as another user, even in a directory closed to that user', async () => {
    const closed = newDirectory();
    const postgres = await openPostgres({ directory: join(closed, 'inner'), fsync: false });
    chmodSync(closed, 0o700);
    expect(identityOf(postgres.pid)).toBeDefined();
    await postgres.stop();
    const again = await openPostgres({ directory: join(closed, 'inner'), fsync: false });
    expect(await sessions(again.url())).toBe(1);
    await again.stop();
  });

  it('an ordinary user (uid 65534) opens a directory of its own, then root opens it', async () => {
    chmodSync(root, 0o755);
    const directory = mkdtempSync(join(root, 'own-'));
    const cache = mkdtempSync(join(root, 'cache-'));
    for (const path of [directory, cache]) chownSync(path, 65534, 65534);
    const held = await holdPostgres(directory, { uid: 65534, cache });
    expect(held.failed).toBeUndefined();
    expect(await sessions(held.url)).toBe(1);
    await held.release();
    expect(identityOf(held.server)).toBeUndefined();
    const postgres = await openPostgres({ directory, fsync: false });
    expect(await sessions(postgres.url())).toBe(1);
    await postgres.stop();
  });

  it('an ordinary user (uid 65534) gets DirectoryUnusable where it may not write', async () => {
    const held = await holdPostgres('/var/lib/lockkeeper-of-root', { uid: 65534 });
    expect(held).toMatchObject({
      failed: 'DirectoryUnusable',
      message:
        '/var/lib/lockkeeper-of-root cannot hold the database: EACCES at /var/lib/lockkeeper-of-root/postgres; ' +
        'a directory that can be read and written was expected',
    });
  });
});

describe('the mutex', () => {
  it('lets one body in at a time', async () => {
    const directory = newDirectory();
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        processMutex(directory, { pollMs: 1 }).run(async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setTimeout(resolve, 2));
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it.each([
    ['a process that is gone', '4000000-1'],
    ['a process whose number another has by now', `${process.pid}-1`],
  ])('is not held by %s', async (_, holder) => {
    const directory = newDirectory();
    mkdirSync(directory);
    symlinkSync(holder, join(directory, '7'));
    expect(await processMutex(directory, { waitMs: 20 }).run(async () => 'inside')).toBe('inside');
  });

  it('is free again after its body threw, and says who keeps it when the wait is over', async () => {
    const directory = newDirectory();
    await expect(processMutex(directory).run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await processMutex(directory).run(async () => {
      await expect(processMutex(directory, { waitMs: 20 }).run(async () => 1)).rejects.toMatchObject({
        code: 'PostgresFailed',
        message: `process ${identityOf(process.pid)} has kept ${directory} locked for 20 ms`,
      });
    });
  });
});
