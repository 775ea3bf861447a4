import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AloneClaim } from '../../lib/ledger/index.ts';
import { type LedgerCase, migrationOf, openLedgerCase, procedureSupports, runArn } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const version = '20250101000001';
const up = ['insert into a values (1), (2)', 'CREATE INDEX CONCURRENTLY a_i ON a (i)', 'insert into a values (3)'];
const migration = migrationOf(1, {
  up,
  down: ['DROP INDEX CONCURRENTLY a_i', 'delete from a'],
  downLoss: 'data',
  verify: ["select indisvalid from pg_index where indexrelid = 'a_i'::regclass"],
  transactional: false,
});
const table = { schema: null, name: 'a' };

const position = (token = on.token, run = on.run) => ({ token, run, version });
const begin = (direction: 'up' | 'down', revision: number, token?: number, run?: string): Promise<AloneClaim> =>
  on.ledger.beginAlone({
    ...position(token, run),
    direction,
    revision,
    migration: direction === 'up' ? migration : null,
  });
const statement = (index: number) => on.ledger.runStatement({ ...position(), index, lockTimeoutMs: 200 });
const complete = () => on.ledger.completeAlone({ ...position(), lockTimeoutMs: 200 });
const kinds = (): Promise<unknown[]> =>
  on.sql('select kind from lockkeeper.event where version is not null order by id');
const takeOver = async (name: string): Promise<number> => {
  const taken = await on.ledger.acquire({ run: runArn(name), direction: 'up', begun: {}, expectedToken: on.token });
  if (!taken.taken) throw new Error('held');
  return taken.token;
};

const allUp = async (): Promise<void> => {
  await begin('up', 0);
  await statement(0);
  await on.ledger.startAlone({ sql: up[1] as string, comment: 'first' });
  await on.ledger.statementDone({ ...position(), index: 1, rows: 0, ms: 12 });
  await statement(2);
  await complete();
};

describe.each(procedureSupports)('with %s:', (support) => {
  beforeEach(async () => {
    on = await openLedgerCase(server, [], support);
    await on.sql('create table a(i int)');
  });
  afterEach(() => on.close());

  describe('a migration outside a transaction', () => {
    test('goes up statement by statement and is applied at its end', async () => {
      expect(await begin('up', 0)).toEqual({ done: false, revision: 1, statementsDone: 0, section: migration.up });
      expect(await statement(0)).toBe(null);
      await on.ledger.startAlone({ sql: up[1] as string, comment: 'first' });
      await on.ledger.statementDone({ ...position(), index: 1, rows: 0, ms: 12 });
      expect(await statement(2)).toBe(null);
      expect(await complete()).toBe(null);
      expect(await begin('up', 0)).toEqual({ done: true });
      expect(await kinds()).toEqual(['intent', 'statement', 'statement', 'statement', 'applied']);
      expect(await on.ledger.entries()).toMatchObject([
        { version, state: 'applied', revision: 1, statementsDone: 3, rows: 3 },
      ]);
      expect(await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'done', detail: {} })).toMatchObject({
        applied: 1,
        rows: 3,
        unfinished: null,
      });
    });

    test('goes down by its stored section and may go up again', async () => {
      await allUp();
      const claim = await begin('down', 1);
      expect(claim).toEqual({ done: false, revision: 2, statementsDone: 0, section: migration.down });
      await on.ledger.startAlone({ sql: 'DROP INDEX CONCURRENTLY a_i', comment: 'first' });
      await on.ledger.statementDone({ ...position(), index: 0, rows: 0, ms: 3 });
      expect(await statement(1)).toBe(null);
      expect(await complete()).toBe(null);
      expect(await begin('down', 1)).toEqual({ done: true });
      expect(await on.ledger.history(1)).toMatchObject([
        { kind: 'reverted', version, detail: { revision: 2, statements: 2, snapshot: null } },
      ]);
      // the rows of the up stay in its entry
      expect(await on.ledger.entries()).toMatchObject([{ state: 'reverted', rows: 3 }]);
      expect(await begin('up', 2)).toMatchObject({ done: false, revision: 3, statementsDone: 0 });
    });

    test('begun again by the same run changes nothing, at the revision it read or the one it got', async () => {
      await begin('up', 0);
      await statement(0);
      expect(await begin('up', 0)).toMatchObject({ revision: 1, statementsDone: 1 });
      expect(await begin('up', 1)).toMatchObject({ revision: 1, statementsDone: 1 });
      expect(await kinds()).toEqual(['intent', 'statement']);
    });

    test('is gone on with by the next run, which it then belongs to', async () => {
      await begin('up', 0);
      await statement(0);
      const token = await takeOver('second');
      expect(await begin('up', 1, token, runArn('second'))).toMatchObject({ revision: 1, statementsDone: 1 });
      await expect(statement(1)).rejects.toMatchObject({ code: 'LeaseLost' });
      await expect(on.ledger.statementDone({ ...position(), index: 1, rows: 0, ms: 1 })).rejects.toMatchObject({
        code: 'LeaseLost',
      });
      await expect(begin('up', 1)).rejects.toMatchObject({ code: 'LeaseLost' });
      expect(await on.ledger.entries()).toMatchObject([{ run: runArn('second'), state: 'applying' }]);
      expect((await on.ledger.readRollback({ kind: 'run', run: null }, null)).run).toBe(runArn('second'));
      expect((await on.ledger.read([{ version, checksum: 'sum-1' }], null)).differences).toEqual([
        { version, state: 'applying', revision: 1, checksum: 'sum-1', name: 'change-1', statementsDone: 1 },
      ]);
    });

    test('half-way up can be taken back by a rollback', async () => {
      await begin('up', 0);
      expect((await on.ledger.readRollback({ kind: 'run', run: null }, null)).entries).toMatchObject([
        { version, state: 'applying', revision: 1 },
      ]);
      expect(await begin('down', 1)).toMatchObject({ done: false, revision: 2, statementsDone: 0 });
      expect((await on.ledger.readRollback({ kind: 'all' }, null)).entries).toMatchObject([
        { version, state: 'reverting', revision: 2 },
      ]);
    });

    test('an invalid index is dropped by who has the token; what has become valid meanwhile stays', async () => {
      await begin('up', 0);
      await on.sql('insert into a values (7), (7)');
      const build = { sql: 'CREATE UNIQUE INDEX CONCURRENTLY a_u ON a (i)', comment: 'first' };
      await expect(on.ledger.startAlone(build)).rejects.toMatchObject({ code: 'StatementFailed' });
      const state = async () => (await on.ledger.indexState(table, 'a_u')).state;
      const drop = (token: number) =>
        on.ledger.dropInvalid({ ...position(token), index: 'public.a_u', lockTimeoutMs: 200 });

      const token = await takeOver('second');
      await expect(drop(on.token)).rejects.toMatchObject({ code: 'LeaseLost' });
      expect(await state()).toBe('invalid');
      const other = await on.connect();

      await other.query('begin; select from a');
      await expect(drop(token)).rejects.toMatchObject({ code: 'LockTimeout', details: { sqlstate: '55P03' } });
      await other.query('commit');
      expect(await state()).toBe('invalid');

      // as a build that ends while its table is waited for
      await other.query(
        "begin; lock table a in share update exclusive mode; update pg_index set indisvalid = true where indexrelid = 'a_u'::regclass",
      );
      const [late] = await Promise.all([drop(token), pause(80).then(() => other.query('commit'))]);
      expect([late, await state()]).toEqual([undefined, 'valid']);

      await other.query("update pg_index set indisvalid = false where indexrelid = 'a_u'::regclass");
      await drop(token);
      expect(await state()).toBe('absent');
      await drop(token);
    });

    test('is refused when its file was edited meanwhile', async () => {
      await begin('up', 0);
      const edited = on.ledger.beginAlone({
        ...position(),
        direction: 'up',
        revision: 1,
        migration: { ...migration, checksum: 'edited' },
      });
      await expect(edited).rejects.toMatchObject({ code: 'MigrationAltered' });
    });

    test('that others know at another revision is nothing to do', async () => {
      await allUp();
      expect(await begin('down', 7)).toEqual({ done: true });
      expect(await on.ledger.entries()).toMatchObject([{ state: 'applied', revision: 1 }]);
    });

    test('whose stored down is not what was applied is refused', async () => {
      await allUp();
      await on.sql(`update lockkeeper.migration set down = jsonb_set(down, '{statements,0,sql}', '"drop table a"')`);
      await expect(begin('down', 1)).rejects.toMatchObject({ code: 'LedgerTampered' });
    });

    test('without a down is refused with its documented steps', async () => {
      const oneWay = migrationOf(1, { up: [], down: null, transactional: false });
      await on.ledger.beginAlone({ ...position(), direction: 'up', revision: 0, migration: oneWay });
      await complete();
      await expect(begin('down', 1)).rejects.toMatchObject({ code: 'MigrationIrreversible' });
    });

    test('hands a stored section back whole, however long', async () => {
      const long = migrationOf(1, {
        up: [],
        down: [`select '${'ä€'.repeat(30_000)}'`, 'select 2'],
        transactional: false,
      });
      await on.ledger.beginAlone({ ...position(), direction: 'up', revision: 0, migration: long });
      await complete();
      expect(await begin('down', 1)).toMatchObject({ section: long.down });
    });
  });

  describe('one of its transactional statements', () => {
    test('runs exactly once, however often and at how many places it is called', async () => {
      await begin('up', 0);
      const answers = await Promise.allSettled([statement(0), statement(0), statement(0)]);
      expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
      expect(await statement(0)).toBe(null);
      expect(await on.sql('select count(*) from a')).toEqual(['2']);
      expect(await on.sql('select statements_done, rows from lockkeeper.migration')).toEqual([1]);
    });

    test('is refused out of turn', async () => {
      await begin('up', 0);
      await expect(statement(2)).rejects.toMatchObject({
        code: 'LeaseLost',
        message: `${version} is not in the ledger as this run left it`,
      });
      expect(await on.sql('select count(*) from a')).toEqual(['0']);
    });

    test('that fails is taken back with its progress and named by its place in the section', async () => {
      const failing = migrationOf(1, {
        up: ['insert into a values (1)', 'insert into a values (1 / 0)'],
        transactional: false,
      });
      await on.ledger.beginAlone({ ...position(), direction: 'up', revision: 0, migration: failing });
      expect(await statement(0)).toBe(null);
      expect(await statement(1)).toMatchObject({ version, statement: 1, phase: 'run', sqlstate: '22012' });
      expect(await on.sql('select statements_done from lockkeeper.migration')).toEqual([1]);
      expect(await kinds()).toEqual(['intent', 'statement', 'failed']);
    });

    test('that waits too long for a lock is taken back and may be repeated', async () => {
      await begin('up', 0);
      const other = await on.connect();
      await other.query('begin; lock table a');
      await expect(statement(0)).rejects.toMatchObject({ code: 'LockTimeout' });
      await other.query('rollback');
      expect(await statement(0)).toBe(null);
    });
  });

  describe('its completion', () => {
    test('waits for all its statements', async () => {
      await begin('up', 0);
      await expect(complete()).rejects.toMatchObject({ code: 'LeaseLost' });
    });

    test('fails with its verify query and leaves it on its way', async () => {
      const wrong = migrationOf(1, {
        up: ['insert into a values (1)'],
        verify: ['select count(*) = 2 from a'],
        transactional: false,
      });
      await on.ledger.beginAlone({ ...position(), direction: 'up', revision: 0, migration: wrong });
      await statement(0);
      expect(await complete()).toMatchObject({
        phase: 'verify',
        statement: 0,
        message: 'the query answered false, expected one row with one true',
      });
      expect(await on.ledger.endRun({ token: on.token, run: on.run, verdict: 'failed', detail: {} })).toMatchObject({
        unfinished: version,
        failure: { phase: 'verify' },
      });
    });

    test('said twice is the same', async () => {
      await allUp();
      expect(await complete()).toBe(null);
      expect((await kinds()).filter((kind) => kind === 'applied')).toHaveLength(1);
    });
  });

  describe('the catalogue', () => {
    test('judges an index by whether it is valid', async () => {
      const judge = { by: 'index-valid', table, index: 'a_i' } as const;
      expect(await on.ledger.judge(judge)).toBe('open');
      await on.sql('insert into a values (1), (1)');
      await expect(
        on.ledger.startAlone({ sql: 'CREATE UNIQUE INDEX CONCURRENTLY a_i ON a (i)', comment: 'x' }),
      ).rejects.toMatchObject({ code: 'StatementFailed', details: { sqlstate: '23505' } });
      expect(await on.ledger.judge(judge)).toBe('invalid');
      expect(await on.ledger.indexState({ schema: 'public', name: 'a' }, 'a_i')).toEqual({
        state: 'invalid',
        quotedName: 'public.a_i',
      });
      await on.ledger.startAlone({ sql: 'DROP INDEX CONCURRENTLY public.a_i', comment: 'x' });
      await on.ledger.startAlone({ sql: 'CREATE INDEX CONCURRENTLY a_i ON a (i)', comment: 'x' });
      expect(await on.ledger.judge(judge)).toBe('done');
      expect(await on.ledger.judge({ by: 'index-valid', table: { schema: 'nowhere', name: 'a' }, index: 'a_i' })).toBe(
        'open',
      );
    });

    test('knows names that need quotes', async () => {
      await on.sql('create schema "My App"; create table "My App"."T"(i int); create index "T_i" on "My App"."T"(i)');
      expect(await on.ledger.indexState({ schema: 'My App', name: 'T' }, 'T_i')).toEqual({
        state: 'valid',
        quotedName: '"My App"."T_i"',
      });
      expect(await on.ledger.judge({ by: 'index-absent', index: { schema: 'My App', name: 'T_i' } })).toBe('open');
      expect(await on.ledger.judge({ by: 'index-absent', index: { schema: null, name: 'T_i' } })).toBe('done');
    });

    test('judges a detached partition, and a detach that broke off', async () => {
      const judge = {
        by: 'partition-detached',
        table: { schema: null, name: 'p' },
        partition: { schema: null, name: 'p1' },
      } as const;
      await on.sql(
        'create table p(i int) partition by range (i); create table p1 partition of p for values from (0) to (9)',
      );
      expect(await on.ledger.judge(judge)).toBe('open');
      const reader = await on.connect();
      await reader.query('begin; select * from p');
      const detach = on.ledger.startAlone({ sql: 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY', comment: 'first' });
      const cancelled = expect(detach).rejects.toMatchObject({ details: { sqlstate: '57014' } });
      await pause(300);
      expect(await on.ledger.cancel((await on.ledger.activity('first')).map(({ pid }) => pid))).toBe(1);
      await cancelled;
      await reader.query('rollback');
      expect(await on.ledger.judge(judge)).toBe('invalid');
      await on.ledger.startAlone({ sql: 'ALTER TABLE p DETACH PARTITION p1 FINALIZE', comment: 'first' });
      expect(await on.ledger.judge(judge)).toBe('done');
    });

    test('cannot judge what may be repeated, and is not asked', async () => {
      const before = on.database.sent.length;
      expect(await on.ledger.judge({ by: 'repeat' })).toBe('repeat');
      expect(on.database.sent.length).toBe(before);
    });

    test('tells how far a build is while an older transaction holds it up', async () => {
      const reader = await on.connect();
      await reader.query('begin isolation level repeatable read; select * from a');
      const building = on.ledger.startAlone({ sql: 'CREATE INDEX CONCURRENTLY a_i ON a (i)', comment: 'first x' });
      await pause(300);
      const [active] = await on.ledger.activity('first');
      expect(active?.kind).toBe('CREATE INDEX CONCURRENTLY');
      expect(active?.waitsFor).toMatchObject([
        { state: 'idle in transaction', query: expect.stringMatching(/ from a$/) as string },
      ]);
      expect(await on.ledger.indexProgress()).toMatchObject([
        { pid: active?.pid, phase: expect.stringContaining('waiting for') as string, percent: null },
      ]);
      expect(await on.ledger.judge({ by: 'index-valid', table, index: 'a_i' })).toBe('invalid');
      await reader.query('rollback');
      await building;
      expect(await on.ledger.indexProgress()).toEqual([]);
    });
  });
});
