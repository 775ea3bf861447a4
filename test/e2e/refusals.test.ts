import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Clock } from '../../lib/local/states-language/index.ts';
import { manifestOf, migration, table, versionOf } from '../support/changelog.ts';
import { type LocalRun, useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

/** The machine's waits and timeouts in a fiftieth of their time. */
const quick: Clock = { now: () => Date.now(), sleep: (ms, signal) => pause(ms / 50, undefined, { signal }) };

const ledgerOf = (run: LocalRun) =>
  run.query<{ version: string; state: string }>('select version, state from lockkeeper.migration order by version');

test('each wrong input of an execution gets one clear message and writes nothing', async () => {
  const run = await open({ manifest: manifestOf([table('a'), table('b')]) });
  const cases = [
    ['Migrate', { tp: '1' }, 'InputInvalid', 'unknown key "tp"'],
    ['Migrate', { to: 3 }, 'InputInvalid', 'wrong value at "to"'],
    ['Migrate', { to: versionOf(1), steps: 1 }, 'InputInvalid', 'contradict'],
    ['Migrate', { to: versionOf(9) }, 'TargetUnknown', versionOf(9)],
    ['Migrate', { manifest: 'x' }, 'ManifestMismatch', 'the caller expected x'],
    ['Migrate', [1], 'InputInvalid', 'is not a JSON object'],
    ['Rollback', { to: versionOf(9) }, 'TargetUnknown', versionOf(9)],
    ['Rollback', { manifest: 'x' }, 'InputInvalid', 'unknown key "manifest"'],
    ['Rollback', { steps: 0 }, 'InputInvalid', 'wrong value at "steps"'],
  ] as const;
  for (const [machine, input, code, words] of cases) {
    const end = await run.run(machine, input);
    expect(end, JSON.stringify(input)).toMatchObject({ status: 'FAILED', error: code });
    const [happened = '', now, remedy] = end.cause.split('\n');
    expect(happened).toContain(words);
    expect([now, remedy?.slice(0, 4)]).toEqual(['now: nothing was begun', 'do: ']);
  }
  expect(await run.query("select to_regclass('a') is null as untouched")).toEqual([{ untouched: true }]);
  expect(await run.query("select count(*)::int as events from lockkeeper.event where kind <> 'installed'")).toEqual([
    { events: 0 },
  ]);
});

test('an applied file that was edited, removed in the middle, or comes too late is refused before anything is written', async () => {
  const [a, b, c] = [table('a'), table('b'), table('c')];
  const run = await open({ manifest: manifestOf([a, b, c]) });
  await run.run('Migrate', { steps: 3 });
  const again = async (texts: readonly string[], keep = (_version: string) => true) => {
    const whole = manifestOf(texts);
    const manifest = { ...whole, migrations: whole.migrations.filter(({ version }) => keep(version)) };
    return (await open({ manifest, directory: run.directory })).run('Migrate');
  };
  expect(await again([a, `${b}-- edited\n`, c])).toMatchObject({
    error: 'MigrationAltered',
    cause: expect.stringContaining(`${versionOf(2)}-step-2.sql was edited`),
  });
  expect(await again([a, b, c], (version) => version !== versionOf(2))).toMatchObject({ error: 'MigrationMissing' });

  const late = await open({ manifest: manifestOf([a, b, c]), directory: run.directory });
  await late.run('Rollback', { to: 'none' });
  const skipped = manifestOf([a, b, c]);
  const without = await open({
    manifest: { ...skipped, migrations: skipped.migrations.filter(({ version }) => version !== versionOf(2)) },
    directory: run.directory,
  });
  await without.run('Migrate');
  expect(await again([a, b, c])).toMatchObject({
    error: 'MigrationLate',
    cause: expect.stringContaining(`${versionOf(2)}-step-2.sql comes too late`),
  });
  expect((await ledgerOf(run)).map(({ state }) => state)).toEqual(['applied', 'reverted', 'applied']);
});

test('a paused cluster is waited for', async () => {
  const run = await open({ manifest: manifestOf([table('a')]), clock: quick });
  run.stack.dataApi.setCondition(run.stack.clusterArn, { resuming: 4 });
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
});

test('a Data API that is switched off is said so, with what to do', async () => {
  const run = await open({ manifest: manifestOf([table('a')]), clock: quick });
  run.stack.dataApi.setCondition(run.stack.clusterArn, { dataApiEnabled: false });
  const end = await run.run('Migrate');
  expect(end).toMatchObject({ status: 'FAILED', error: 'DataApiDisabled' });
  expect(end.cause).toContain("do: enable the cluster's Data API");
});

test('a lock that another session holds is waited for in turns, and a run goes through once it is free', async () => {
  const run = await open({
    manifest: manifestOf(
      [table('a'), migration('ALTER TABLE a ADD COLUMN note text;', 'ALTER TABLE a DROP COLUMN note;')],
      { lockTimeoutMs: 100 },
    ),
    clock: quick,
  });
  await run.run('Migrate', { steps: 1 });
  const blocker = run.query('begin; lock table a in access share mode; select pg_sleep(1.5); commit');
  await pause(200);
  const end = await run.run('Migrate');
  await blocker;
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
});

test('a lock that never comes free fails the run clean after its retries', async () => {
  const manifest = manifestOf(
    [table('a'), migration('ALTER TABLE a ADD COLUMN note text;', 'ALTER TABLE a DROP COLUMN note;')],
    { lockTimeoutMs: 50 },
  );
  const run = await open({
    manifest,
    clock: { ...quick, sleep: (ms, signal) => pause(Math.min(ms, ms > 120_000 ? ms : 20), undefined, { signal }) },
  });
  await run.run('Migrate', { steps: 1 });
  const blocker = await heldBy(run, 'report', "begin; lock table a in access share mode; select 'ann@example.com'");
  const end = await run.run('Migrate');
  expect(end).toMatchObject({ status: 'FAILED', error: 'LockTimeout' });
  expect(end.cause.split('\n')).toEqual([
    `${versionOf(2)} waited too long for a lock and was taken back whole; in its way:`,
    expect.stringMatching(
      /^ {2}pid \d+ \(\d+ s, report, idle in transaction\): begin; lock table a in access share mode; select '…'; it holds AccessShareLock on public.a$/,
    ),
    expect.stringMatching(/^now: .*nothing is half done$/),
    expect.stringMatching(/^do: /),
  ]);
  await blocker.end();
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED' });
});

/** A session that did this and has not committed. */
const heldBy = async (run: LocalRun, application: string, sql: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: run.stack.databaseUrl, application_name: application });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(sql);
  return client;
};

test('a migration that is taken back in a deadlock is tried again', async () => {
  const run = await open({
    manifest: manifestOf(
      [
        table('a'),
        table('b'),
        migration('ALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;', 'ALTER TABLE a DROP x;\nALTER TABLE b DROP x;'),
      ],
      { lockTimeoutMs: 20_000 },
    ),
    clock: quick,
  });
  await run.run('Migrate', { steps: 2 });
  const other = await heldBy(run, 'writer', 'begin; lock table b in access exclusive mode');
  const migrating = run.run('Migrate');
  const waits = "select from pg_locks where not granted and mode = 'AccessExclusiveLock' and relation = 'b'::regclass";
  while ((await run.query(waits)).length === 0) await pause(20);
  // whoever looks first is the one that PostgreSQL takes back: ours, for the other looks late
  await other.query("set deadlock_timeout = '60s'; lock table a in access share mode");
  await other.query('rollback');
  expect(await migrating).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
  const deadlocks = 'select deadlocks::int from pg_stat_database where datname = current_database()';
  await expect.poll(() => run.query(deadlocks), { timeout: 5000 }).toEqual([{ deadlocks: 1 }]);
  await other.end();
});

test('a build is not sent beside an old transaction: the run waits, then ends naming pid, age, application and statement', async () => {
  const run = await open({
    manifest: manifestOf(
      [
        table('a'),
        '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n',
      ],
      { longTransactionSeconds: 1, longTransactionWaitSeconds: 1 },
    ),
    clock: quick,
  });
  await run.run('Migrate', { steps: 1 });
  const reader = await heldBy(run, 'report', "begin isolation level repeatable read; select 4711, 'ann@example.com'");
  await pause(1200);
  const end = await run.run('Migrate');
  expect(end).toMatchObject({ status: 'FAILED', error: 'LongTransaction' });
  expect(end.cause.split('\n')).toEqual([
    `CREATE INDEX CONCURRENTLY in ${versionOf(2)} would wait for transactions that do not end:`,
    expect.stringMatching(
      /^ {2}pid \d+ \(\d+ s, report, idle in transaction\): begin isolation level repeatable read; select …, '…'$/,
    ),
    expect.stringMatching(/^now: /),
    'do: end the sessions named in the message, then run again',
  ]);
  await reader.end();
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
});
