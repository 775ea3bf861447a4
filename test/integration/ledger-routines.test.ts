import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../lib/ledger/ledger.ts';
import { type LedgerCase, migrationOf, openLedgerCase } from '../support/ledger-case.ts';
import { openPgDatabase } from '../support/pg-database.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
afterEach(() => on.close());

const capabilities = (): Promise<unknown[]> =>
  on.sql("select name || ' ' || holds || ': ' || found from lockkeeper.capability order by 1");
const calls = (sent: readonly string[]): readonly string[] =>
  sent.map((sql) => sql.replace(/^\/\*.*?\*\/ /, '').split(/[ (]/)[0] ?? '');
const request = () => ({
  token: on.token,
  run: on.run,
  comment: 'first',
  options: { lockTimeoutMs: 900, budgetMs: 30_000 },
});

describe.each([
  ['no COMMIT inside CALL', 'commit-inside-call false: a run met 2D000: invalid transaction termination'],
  ['no INOUT row', 'inout-row false: a run got no row back from a CALL'],
] as const)('a service with %s', (support, found) => {
  beforeEach(async () => {
    on = await openLedgerCase(server, [], support);
  });

  test('is found by the first CALL, and remembered', async () => {
    expect(calls(on.database.sent)).toEqual(['DO', 'CALL', 'SELECT', 'SELECT']);
    expect(await capabilities()).toEqual([found]);
    expect(await on.sql("select count(*) from lockkeeper.event where kind = 'begun'")).toEqual(['1']);
  });

  test('gets no CALL any more once the ledger was read', async () => {
    const reading = new Ledger(on.database, 'lockkeeper');
    await reading.read([], null);
    const before = on.database.sent.length;
    await reading.apply({ ...request(), migrations: [{ migration: migrationOf(1, { up: [] }), revision: 0 }] });
    await reading.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
    expect(calls(on.database.sent.slice(before))).toEqual(['SELECT', 'SELECT']);
    const rolling = new Ledger(on.database, 'lockkeeper');
    await rolling.readRollback({ kind: 'all' }, null);
    const then = on.database.sent.length;
    await rolling.isCallRunning(on.token);
    expect(calls(on.database.sent.slice(then))).toEqual(['SELECT']);
  });

  test('met in the middle of a run by a process that knows nothing of it applies everything exactly once', async () => {
    const fresh = new Ledger(on.database, 'lockkeeper');
    const migrations = [
      { migration: migrationOf(1, { up: ['create table a(i int)'] }), revision: 0 },
      { migration: migrationOf(2, { up: ['insert into a values (1)'] }), revision: 0 },
    ];
    const result = await fresh.apply({ ...request(), migrations });
    expect(result).toMatchObject({ stop: null, last: '20250101000002' });
    expect(result.applied + result.already).toBe(2);
    expect(await on.sql('select count(*) from a')).toEqual(['1']);
    expect(await on.sql("select count(*) from lockkeeper.event where kind = 'applied'")).toEqual(['2']);
  });
});

test('what a later look found goes before what a run met: procedures are called again', async () => {
  on = await openLedgerCase(server, [], 'no COMMIT inside CALL');
  const mended = openPgDatabase(on.url);
  try {
    const ledger = new Ledger(mended, 'lockkeeper');
    await ledger.remember([{ name: 'commit-inside-call', holds: true, found: 'as expected' }]);
    await ledger.read([], null);
    await ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
    expect(calls(mended.sent).at(-1)).toBe('CALL');
    expect(await capabilities()).toEqual(['commit-inside-call true: as expected']);
  } finally {
    await mended.end();
  }
});

test('sessions that begin with other transactions are refused where procedures cannot begin their own', async () => {
  on = await openLedgerCase(server, [], 'no COMMIT inside CALL');
  for (const setting of ["default_transaction_isolation = 'repeatable read'", 'default_transaction_read_only = on']) {
    const odd = openPgDatabase(on.url, [`set ${setting}`], 'no COMMIT inside CALL');
    try {
      const ledger = new Ledger(odd, 'lockkeeper');
      await ledger.read([], null);
      const unfit = {
        code: 'SessionUnfit',
        message: expect.stringContaining('read committed, read only off') as string,
      };
      const migrations = [{ migration: migrationOf(1, { up: ['create table a()'] }), revision: 0 }];
      await expect(ledger.apply({ ...request(), migrations })).rejects.toMatchObject(unfit);
      await expect(ledger.isCallRunning(on.token)).rejects.toMatchObject(unfit);
    } finally {
      await odd.end();
    }
  }
  expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
});
