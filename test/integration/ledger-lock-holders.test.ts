import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Ledger } from '../../lib/ledger/ledger.ts';
import { type LedgerCase, openLedgerCase } from '../support/ledger-case.ts';
import { openPgDatabase } from '../support/pg-database.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await openLedgerCase(server);
  await on.sql(
    'create table users (email text); create table orders (id int); create index users_idx on users (email)',
  );
});
afterEach(() => on.close());

const session = async (name: string, sql: string): Promise<number> => {
  const client = await on.connect();
  await client.query(`set application_name = '${name}'`);
  await client.query(sql);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
};

const ask = (...statements: string[]) => on.ledger.lockHolders({ statements, waitedMs: 100 });

test('names the session with a lock on a table of the statement: pid, age, application, state, locks, no literal', async () => {
  const client = await on.connect();
  await client.query("set application_name = 'report'; begin");
  await client.query("select email from users where email = 'ann@example.com'");
  await session('elsewhere', 'begin; select * from orders');
  await pause(150);
  expect(await ask('ALTER TABLE Users ADD COLUMN note text')).toEqual([
    {
      session: {
        pid: expect.any(Number) as number,
        ageSeconds: expect.any(Number) as number,
        application: 'report',
        state: 'idle in transaction',
        query: "select email from users where email = '…'",
      },
      locks: ['AccessShareLock on public.users'],
    },
  ]);
});

test('an index stands for its table; a table that only a literal names counts', async () => {
  const pid = await session('report', 'begin; update users set email = null');
  await pause(150);
  for (const sql of ['DROP INDEX users_idx', "DO $$ BEGIN EXECUTE 'drop table users'; END $$", 'TRUNCATE "users"'])
    expect(await ask(sql), sql).toMatchObject([{ session: { pid }, locks: ['RowExclusiveLock on public.users'] }]);
});

test('where no table of the statement is locked, those with any lock are named: a cascade may have reached theirs', async () => {
  const pid = await session('report', 'begin; select * from orders');
  await pause(150);
  expect(await ask('DROP TABLE users CASCADE')).toMatchObject([
    { session: { pid }, locks: ['AccessShareLock on public.orders'] },
  ]);
});

test('who began after the wait is not named, nor anybody when all are gone', async () => {
  await session('late', 'begin; select * from users');
  expect(await on.ledger.lockHolders({ statements: ['DROP TABLE users'], waitedMs: 60_000 })).toEqual([]);
});

test('a session that stood in the queue before us is told to wait', async () => {
  await session('report', 'begin; select * from users');
  const client = await on.connect();
  const waiting = client.query('alter table users add column x int').catch(() => undefined);
  await pause(300);
  expect((await ask('DROP TABLE users')).map(({ locks }) => locks)).toEqual([
    ['AccessShareLock on public.users'],
    ['waits for AccessExclusiveLock on public.users'],
  ]);
  await on.sql(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'report' and datname = current_database()",
  );
  await waiting;
});

test('a session of another role is named by its pid, its state and statement are hidden', async () => {
  await on.sql(`do $$ begin execute format('create role clerk_%s login', current_database()); end $$`);
  const clerk = `clerk_${String((await on.sql('select current_database()'))[0])}`;
  await on.sql(`grant all on schema lockkeeper to ${clerk}; grant all on all tables in schema lockkeeper to ${clerk}`);
  const pid = await session('report', 'begin; select * from users');
  await pause(150);
  const database = openPgDatabase(on.url, [`set role ${clerk}`]);
  const holders = await new Ledger(database, 'lockkeeper').lockHolders({
    statements: ['drop table users'],
    waitedMs: 1,
  });
  await database.end();
  expect(holders).toEqual([
    {
      session: { pid, ageSeconds: null, application: 'report', state: null, query: null },
      locks: ['AccessShareLock on public.users'],
    },
  ]);
});
