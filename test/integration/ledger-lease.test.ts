import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LedgerCase, migrationOf, openLedgerCase, procedureSupports, runArn } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const version = (n: number): string => String(20250101000000 + n);
const other = { run: runArn('other'), direction: 'up', begun: { manifest: 'm' } } as const;
const mine = { direction: 'up', begun: {} } as const;
const kinds = (): Promise<unknown[]> => on.sql('select kind from lockkeeper.event order by id');

describe.each(procedureSupports)('with %s:', (support) => {
  beforeEach(async () => {
    on = await openLedgerCase(server, [], support);
  });
  afterEach(() => on.close());

  describe('the lease', () => {
    test('answers the same token to the same holder, and begins a run once', async () => {
      expect(await on.ledger.acquire({ ...mine, run: on.run })).toEqual({ taken: true, token: on.token });
      expect(await kinds()).toEqual(['installed', 'begun']);
    });

    test('held by another is not taken, and says who holds it', async () => {
      expect(await on.ledger.acquire(other)).toMatchObject({
        taken: false,
        lease: { token: on.token, holder: on.run },
      });
      expect(await on.ledger.acquire({ ...other, expectedToken: on.token - 1 })).toMatchObject({ taken: false });
      expect(await kinds()).toEqual(['installed', 'begun']);
    });

    test('of a holder found dead is taken over under a higher token, which ends the old one', async () => {
      const taken = await on.ledger.acquire({ ...other, expectedToken: on.token });
      expect(taken).toEqual({ taken: true, token: on.token + 1 });
      expect(await on.apply([migrationOf(1, { up: [] })])).toMatchObject({ stop: 'lease', applied: 0 });
      expect(await on.ledger.history(2)).toMatchObject([
        { kind: 'begun', run: other.run, detail: { direction: 'up', manifest: 'm' } },
        { kind: 'taken-over', run: other.run, detail: { from: on.run, token: on.token } },
      ]);
      await expect(
        on.ledger.endRun({ token: on.token, run: on.run, verdict: 'failed', detail: {} }),
      ).rejects.toMatchObject({ code: 'LeaseLost' });
    });

    test('is not given to a run that has ended', async () => {
      await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
      await expect(on.ledger.acquire({ ...mine, run: on.run })).rejects.toMatchObject({ code: 'RunEnded' });
      expect(await on.sql('select holder from lockkeeper.lease')).toEqual([null]);
    });

    test('is not given to a late call of an execution that was aborted before it got it', async () => {
      await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
      const aborted = { token: null, run: other.run, verdict: 'aborted', detail: { status: 'ABORTED' } } as const;
      expect(await on.ledger.endRun(aborted)).toBeNull();
      expect(await on.ledger.endRun(aborted)).toBeNull();
      await expect(on.ledger.acquire(other)).rejects.toMatchObject({ code: 'RunEnded' });
      expect(await kinds()).toEqual(['installed', 'begun', 'ended', 'ended']);
    });

    test('wanted by ten at once goes to one', async () => {
      await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} });
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => on.ledger.acquire({ ...other, run: runArn(`r${n}`) })),
      );
      expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
      expect(await on.sql('select token from lockkeeper.lease')).toEqual([String(on.token + 2)]);
    });

    test('cannot be taken over in the middle of a step of the old holder', async () => {
      const slow = on.apply([
        migrationOf(1, { up: ['create table a()', 'select pg_sleep(0.6)'] }),
        migrationOf(2, { up: ['create table b()'] }),
      ]);
      await pause(200);
      const taken = await on.ledger.acquire({ ...other, expectedToken: on.token });
      // the take-over waited for the step under way; the next one has lost the lease
      expect(await on.sql('select version from lockkeeper.migration')).toEqual([version(1)]);
      expect(taken).toEqual({ taken: true, token: on.token + 1 });
      expect(await slow).toMatchObject({ applied: 1, stop: 'lease', at: version(2) });
    });

    test('being changed lets no further step begin, however short the steps are', async () => {
      const changing = await on.connect();
      await changing.query('begin; select lockkeeper.close_turnstile()');
      const step = await on.apply([migrationOf(1, { up: [] })], { lockTimeoutMs: 80 });
      expect(step).toMatchObject({ applied: 0, stop: 'busy', at: version(1), failure: null });
      await changing.query('rollback');
      expect(await on.apply([migrationOf(1, { up: [] })])).toMatchObject({ applied: 1, stop: null });
    });

    test('waits for a step no longer than it may, and then says so', async () => {
      const holder = await on.connect();
      await holder.query('begin; select 1 from lockkeeper.lease for key share');
      const request = { token: on.token, run: on.run, verdict: 'failed', detail: {}, lockTimeoutMs: 80 } as const;
      await expect(on.ledger.endRun(request)).rejects.toMatchObject({ code: 'LockTimeout' });
      await holder.query('rollback');
      expect(await on.ledger.endRun(request)).toMatchObject({ applied: 0 });
    });

    test.for(['repeatable read', 'serializable'])(
      'is safe with sessions that default to %s, or refuses them',
      async (isolation) => {
        const opened = openLedgerCase(server, [`set default_transaction_isolation = '${isolation}'`], support);
        if (support !== 'procedures') return expect(opened).rejects.toMatchObject({ code: 'SessionUnfit' });
        const strict = await opened;
        try {
          const slow = strict.apply([migrationOf(1, { up: ['create table a()', 'select pg_sleep(0.5)'] })]);
          await pause(200);
          const summary = await strict.ledger.endRun({
            token: strict.token,
            run: strict.run,
            verdict: 'failed',
            detail: {},
          });
          expect(await slow).toMatchObject({ applied: 1 });
          expect(summary).toMatchObject({ applied: 1, lastApplied: version(1) });
        } finally {
          await strict.close();
        }
      },
    );
  });

  describe('the end of a run', () => {
    test('waits for the call still running, refuses every later one, and only then speaks', async () => {
      const slow = on.apply([
        migrationOf(1, { up: ['create table a(i int)', 'insert into a values (1), (2)', 'select pg_sleep(0.5)'] }),
      ]);
      await pause(200);
      const summary = await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'failed', detail: {} });
      expect(await slow).toMatchObject({ applied: 1 });
      expect(summary).toEqual({
        run: on.run,
        applied: 1,
        reverted: 0,
        rows: 3,
        first: version(1),
        last: version(1),
        appliedCount: 1,
        lastApplied: version(1),
        snapshots: [],
        failure: null,
        unfinished: null,
      });
      expect(await on.apply([migrationOf(2, { up: [] })])).toMatchObject({ stop: 'lease' });
    });

    test('sees the failed event of the call it waited for', async () => {
      const failing = on.apply([migrationOf(1, { up: ['select pg_sleep(0.4)', 'select 1 / 0'] })]);
      await pause(150);
      const summary = await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'failed', detail: {} });
      expect(await failing).toMatchObject({ stop: 'failed' });
      expect(summary.failure).toMatchObject({
        version: version(1),
        sqlstate: '22012',
        statement: 1,
        message: 'division by zero',
      });
    });

    test('may be said again, and frees the lease for others', async () => {
      const end = { token: on.token, run: on.run, verdict: 'done', detail: { durationMs: 7 } } as const;
      const first = await on.ledger.endRun(end);
      expect(await on.ledger.endRun(end)).toEqual(first);
      expect(await kinds()).toEqual(['installed', 'begun', 'ended']);
      expect(await on.ledger.acquire(other)).toEqual({ taken: true, token: on.token + 2 });
      expect(await on.ledger.endRun(end)).toEqual(first);
    });

    test('without its token ends what the run holds, and is null when it holds nothing', async () => {
      const end = { token: null, verdict: 'aborted', detail: { status: 'ABORTED' } } as const;
      expect(await on.ledger.endRun({ ...end, run: runArn('nobody') })).toBe(null);
      expect(await on.ledger.endRun({ ...end, run: on.run })).toMatchObject({ run: on.run, applied: 0 });
      expect(await on.ledger.endRun({ ...end, run: on.run })).toBe(null);
      expect((await on.ledger.history(1))[0]).toMatchObject({
        kind: 'ended',
        detail: { status: 'ABORTED', verdict: 'aborted' },
      });
      expect((await on.ledger.read([], null)).lease).toEqual({ token: on.token + 1, holder: null, since: null });
    });

    test('names a migration that is half-way', async () => {
      const migration = migrationOf(1, { up: ['create table a()'], transactional: false });
      await on.ledger.beginAlone({
        token: on.token,
        run: on.run,
        direction: 'up',
        version: version(1),
        revision: 0,
        migration,
      });
      expect(await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'failed', detail: {} })).toMatchObject({
        unfinished: version(1),
        appliedCount: 0,
        lastApplied: null,
      });
    });
  });

  describe('a look', () => {
    test('says whether a call is in the middle of a step', async () => {
      expect(await on.ledger.isCallRunning(on.token)).toBe(false);
      const slow = on.apply([migrationOf(1, { up: ['select pg_sleep(0.5)'] })]);
      await pause(200);
      expect(await on.ledger.isCallRunning(on.token)).toBe(true);
      expect(await on.ledger.isCallRunning(on.token - 1)).toBe(false);
      await slow;
      expect(await on.ledger.isCallRunning(on.token)).toBe(false);
    });

    test('finds our statements by their comment, and tells neither text nor those of others', async () => {
      const stranger = await on.connect();
      const sleeping = stranger.query("select 'lockkeeper first', pg_sleep(0.6)");
      const slow = on.apply([migrationOf(1, { up: ["select 'secret', pg_sleep(0.6)"] })]);
      await pause(200);
      const [active, ...more] = await on.ledger.activity('');
      expect(more).toEqual([]);
      expect(active).toEqual({
        pid: expect.any(Number) as number,
        ageSeconds: 0,
        kind: support === 'procedures' ? 'CALL' : 'STATEMENT',
        waitsFor: [],
      });
      expect(await on.ledger.activity('first')).toHaveLength(1);
      expect(await on.ledger.activity('second')).toEqual([]);
      expect(await on.ledger.cancel([])).toBe(0);
      await Promise.all([sleeping, slow]);
      expect(await on.ledger.activity('')).toEqual([]);
    });

    test('finds transactions that a concurrent build would wait for, idle ones too', async () => {
      const idle = await on.connect();
      await idle.query("set application_name = 'report'; begin isolation level repeatable read; select 1, 'ann'");
      await on.connect();
      await pause(1100);
      const found = await on.ledger.longTransactions(1);
      expect(found).toMatchObject([
        {
          application: 'report',
          state: 'idle in transaction',
          ageSeconds: expect.any(Number) as number,
          query: expect.stringMatching(/ select …, '…'$/) as string,
        },
      ]);
      expect(await on.ledger.longTransactions(60)).toEqual([]);
    });
  });

  test('an event is refused once the token is not the lease’s', async () => {
    const event = { kind: 'intent', run: on.run, version: null, detail: { note: 'x' } } as const;
    await on.ledger.recordEvent({ ...event, token: on.token });
    await on.ledger.recordEvent({ ...event, token: null });
    await expect(on.ledger.recordEvent({ ...event, token: on.token + 1 })).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(await kinds()).toEqual(['installed', 'begun', 'intent', 'intent']);
  });
});
