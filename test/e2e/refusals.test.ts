import { setTimeout as pause } from 'node:timers/promises';
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
  const blocker = run
    .query('begin; lock table a in access share mode; select pg_sleep(60); commit')
    .catch(() => undefined);
  await pause(200);
  const end = await run.run('Migrate');
  expect(end).toMatchObject({ status: 'FAILED', error: 'LockTimeout' });
  expect(end.cause).toContain('nothing is half done');
  await run.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'begin; lock%' and pid <> pg_backend_pid()",
  );
  await blocker;
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED' });
});
