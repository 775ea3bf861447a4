import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manifestOf, migration, table, versionOf } from '../support/changelog.ts';
import { type LocalRun, useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

const slow = migration('INSERT INTO a SELECT 1 FROM pg_sleep(4);', 'DELETE FROM a;');

const untilHeld = async (run: LocalRun): Promise<void> => {
  while ((await run.query('select 1 from lockkeeper.lease where holder is not null')).length === 0) await pause(50);
};

test('of two runners on a new database one applies, the other waits and then finds nothing to do', async () => {
  const manifest = manifestOf([table('a'), slow, table('b')]);
  const one = await open({ manifest });
  const two = await open({ manifest, directory: one.directory });
  const ends = await Promise.all([one.run('Migrate'), two.run('Migrate')]);
  expect(ends.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(ends.map(({ output }) => Number(output['applied'] ?? 0)).toSorted()).toEqual([0, 3]);
  expect(await one.query('select count(*)::int as rows from a')).toEqual([{ rows: 1 }]);
  expect(await one.query("select count(*)::int as begun from lockkeeper.event where kind = 'applied'")).toEqual([
    { begun: 3 },
  ]);
});

test('a run that may not wait says who holds the lease; a rollback meanwhile is refused the same way', async () => {
  const manifest = manifestOf([table('a'), slow], { migrateLeaseWaitSeconds: 0, rollbackLeaseWaitSeconds: 0 });
  const one = await open({ manifest });
  const two = await open({ manifest, directory: one.directory });
  await one.run('Migrate', { steps: 1 });
  const holder = await one.start('Migrate');
  await untilHeld(one);
  const refused = await Promise.all([two.run('Migrate'), two.run('Rollback')]);
  for (const end of refused) {
    expect(end).toMatchObject({ status: 'FAILED', error: 'LeaseHeld' });
    expect(end.cause).toContain(holder);
  }
  expect(await one.end(holder)).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
});

test(
  'a Migrate that waited for a rollback applies nothing that its plan did not show',
  { timeout: 120_000 },
  async () => {
    const back = migration('CREATE TABLE b (id int);', 'SELECT pg_sleep(5);\nDROP TABLE b;');
    const one = await open({ manifest: manifestOf([table('a'), back]) });
    await one.run('Migrate');
    const two = await open({ manifest: manifestOf([table('a'), back, table('c')]), directory: one.directory });
    const rolling = await one.start('Rollback', { steps: 1 });
    await untilHeld(one);
    const refused = await two.run('Migrate');
    expect(await one.end(rolling)).toMatchObject({ status: 'SUCCEEDED', output: { reverted: 1 } });
    expect(refused).toMatchObject({ status: 'FAILED', error: 'PlanChanged' });
    expect(refused.cause.split('\n')).toEqual([
      `another run changed the ledger while this one waited for the lease: ${versionOf(2)}-step-2.sql would be applied, which is not in this run's plan`,
      `now: this run applied 0; the ledger stands at ${versionOf(1)}; nothing is half done`,
      'do: start again: it plans anew, and nothing is done that the plan of its run does not show',
    ]);
    expect(await two.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 2 } });
  },
);

test('an aborted run gives its lease up at once: its statement is cancelled and the next run begins where it stopped', async () => {
  const endless = migration('INSERT INTO a SELECT 1 FROM pg_sleep(600);', 'DELETE FROM a;');
  const one = await open({ manifest: manifestOf([table('a'), endless]) });
  await one.run('Migrate', { plan: true });
  const aborted = await one.start('Migrate');
  await untilHeld(one);
  await pause(500);
  await one.stack.states.stopExecution({ executionArn: aborted, cause: 'by hand' });
  expect(await one.end(aborted)).toMatchObject({ status: 'ABORTED' });
  await one.stack.states.ended(aborted);
  expect(
    await one.query(
      "select count(*)::int as running from pg_stat_activity where query like '%apply%' and state = 'active' and pid <> pg_backend_pid()",
    ),
  ).toEqual([{ running: 0 }]);
  const two = await open({ manifest: manifestOf([table('a'), table('b')]), directory: one.directory });
  expect(await two.run('Migrate')).toMatchObject({
    status: 'SUCCEEDED',
    output: { applied: 1, lastApplied: versionOf(2) },
  });
});
