import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { manifestOf, migration, table, versionOf } from '../support/changelog.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';
import { openVirtualStack, type VirtualStack } from '../support/virtual-stack.ts';

let server: TestServer;
const toClose: (() => Promise<unknown>)[] = [];
beforeAll(async () => void (server = await startTestServer()));
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});
afterAll(() => server.stop());

/** Runs until the test gives the advisory lock up: two rows, of which nobody may ever see one. */
const long = migration(
  'INSERT INTO a VALUES (1);\nDO $$ BEGIN WHILE NOT pg_try_advisory_xact_lock(4711) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;\nINSERT INTO a VALUES (2);',
  'DELETE FROM a;',
);
const manifest = manifestOf([table('a'), long, table('b')], { lockTimeoutMs: 50 });

interface Standing {
  readonly rows: number;
  readonly applied: string[];
  readonly running: number;
}

interface Held {
  readonly stack: VirtualStack;
  /** Lets the statement go, and waits until its transaction has ended. */
  release(): Promise<void>;
  /** Ends the backend that runs it. */
  kill(): Promise<void>;
  standing(): Promise<Standing>;
}

/** `script` says, by seconds since the statement began, what happens. The first migration is applied before. */
const openHeld = async (script: Readonly<Record<number, (held: Held) => Promise<void>>>): Promise<Held> => {
  const url = await server.createDatabase();
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  toClose.push(() => holder.end());
  await holder.query('select pg_advisory_lock(4711)');
  let scripted = false;
  const stack = await openVirtualStack({
    manifest,
    url,
    onHeld: ({ time }) => {
      if (scripted) return;
      scripted = true;
      for (const [second, act] of Object.entries(script)) time.in(Number(second) * 1000, () => act(held));
    },
  });
  toClose.push(() => stack.close());
  const sleeping =
    "select pid from pg_stat_activity where application_name = 'virtual' and datname = current_database() and state = 'active' and wait_event = 'PgSleep'";
  const gone = async (): Promise<void> => {
    while ((await stack.query("select from pg_locks where locktype = 'advisory' and objid = 4711")).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    while ((await stack.query(sleeping)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const held: Held = {
    stack,
    async release() {
      await holder.query('select pg_advisory_unlock(4711)');
      await gone();
    },
    async kill() {
      await stack.query(`select pg_terminate_backend(pid, 5000) from (${sleeping}) as ours`);
    },
    async standing() {
      const [rows] = await stack.query<{ rows: number }>('select count(*)::int as rows from a');
      const applied = await stack.query<{ version: string }>(
        "select version from lockkeeper.migration where state = 'applied' order by version",
      );
      const running = await stack.query(sleeping);
      return { rows: rows!.rows, applied: applied.map(({ version }) => version), running: running.length };
    },
  };
  expect(await stack.run('Migrate', { steps: 1 })).toMatchObject({ status: 'SUCCEEDED' });
  stack.invoked.length = 0;
  return held;
};

test('a migration of 200 s is atomic with its ledger row: nothing of it is to be seen in its 199th second, row and effect are there at its end, and only the first 45 s kept a Lambda', async () => {
  const seen: Standing[] = [];
  let began = 0;
  const held = await openHeld({
    0: async ({ stack }) => void (began = stack.time.now()),
    1: async ({ standing }) => void seen.push(await standing()),
    60: async ({ standing }) => void seen.push(await standing()),
    199: async ({ standing }) => void seen.push(await standing()),
    200: ({ release }) => release(),
  });
  const end = await held.stack.run('Migrate');
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: { applied: 2 } });
  const before = { rows: 0, applied: [versionOf(1)], running: 1 };
  expect(seen).toEqual([before, before, before]);
  expect(await held.standing()).toEqual({
    rows: 2,
    applied: [versionOf(1), versionOf(2), versionOf(3)],
    running: 0,
  });
  const applies = held.stack.invoked.filter(({ action }) => action === 'apply');
  expect(applies[0]!.to - applies[0]!.from).toBe(45_000);
  expect(held.stack.invoked.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(45_000);
  expect(applies.length).toBeLessThan(25);
  expect(held.stack.time.now() - began).toBeGreaterThanOrEqual(200_000);
  expect(held.stack.time.now() - began).toBeLessThan(221_000);
});

test('the backend of a migration of 200 s is killed in second 150: neither row nor effect is there, and the run applies it once', async () => {
  let after: Standing | undefined;
  const held = await openHeld({
    150: async ({ kill, standing, release }) => {
      await kill();
      after = await standing();
      await release();
    },
  });
  expect(await held.stack.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 2 } });
  expect(after).toEqual({ rows: 0, applied: [versionOf(1)], running: 0 });
  expect(await held.standing()).toEqual({
    rows: 2,
    applied: [versionOf(1), versionOf(2), versionOf(3)],
    running: 0,
  });
});

test('the execution of a migration of 200 s is aborted in second 100: its statement is cancelled, neither row nor effect is there, and the next run applies it', async () => {
  let arn = '';
  const held = await openHeld({
    100: async ({ stack }) => void stack.states.stopExecution({ executionArn: arn, cause: 'by hand' }),
  });
  arn = await held.stack.start('Migrate');
  expect(await held.stack.end(arn)).toMatchObject({ status: 'ABORTED' });
  expect(await held.standing()).toEqual({ rows: 0, applied: [versionOf(1)], running: 0 });
  expect(await held.stack.query('select holder from lockkeeper.lease')).toEqual([{ holder: null }]);
  await held.release();
  expect(await held.stack.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 2 } });
  expect(await held.standing()).toEqual({
    rows: 2,
    applied: [versionOf(1), versionOf(2), versionOf(3)],
    running: 0,
  });
});
