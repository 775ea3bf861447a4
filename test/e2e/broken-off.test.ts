import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/local/states-language/index.ts';
import { manifestOf, migration, table } from '../support/changelog.ts';
import { useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

/** Waits and retries take a hundredth of their time; the timeouts of Tasks, which are longer, take all of it. */
const hasty: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms < 150_000 ? ms / 100 : ms, signal),
};

test('a migration that ends its own session each time fails the run after eight sends, and what comes before it stays', async () => {
  const killer = migration('SELECT pg_terminate_backend(pg_backend_pid());', 'SELECT 1;');
  const run = await open({ manifest: manifestOf([table('a'), killer, table('b')]), clock: hasty });
  const end = await run.run('Migrate');
  expect(end).toMatchObject({ status: 'FAILED', error: 'StepBrokenOff' });
  expect(end.cause.split('\n')).toEqual([
    expect.stringMatching(/ was sent 8 times, and each time the connection was lost before its end$/),
    expect.stringMatching(/^now: this run applied 1; .* nothing is half done$/),
    expect.stringMatching(/^do: look in the server's log/),
  ]);
  expect((await run.states(end.arn)).filter((state) => state === 'Apply a batch')).toHaveLength(10);
  expect(await run.query("select to_regclass('a') is not null as a, to_regclass('b') is not null as b")).toEqual([
    { a: true, b: false },
  ]);
});

test('a detach that broke off is brought to its end, not sent again', async () => {
  const run = await open({
    manifest: manifestOf([
      migration(
        'CREATE TABLE p (x int) PARTITION BY LIST (x);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);',
        'DROP TABLE p;',
      ),
      '-- migrate:up transaction:false\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\n\n-- migrate:down\nALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);\n',
    ]),
    clock: hasty,
    dataApi: {
      onRequest: ({ sql }) => (/DETACH PARTITION p1 CONCURRENTLY/.test(sql) ? { fault: 'timed-out-running' } : 'pass'),
    },
  });
  const { default: pg } = await import('pg');
  const reader = new pg.Client({ connectionString: run.stack.databaseUrl });
  expect(await run.run('Migrate', { steps: 1 })).toMatchObject({ status: 'SUCCEEDED' });
  await reader.connect();
  await reader.query('begin; select * from p');
  const migrating = run.run('Migrate');
  const pending = (): Promise<{ pid: number }[]> =>
    run.query(
      "select pid from pg_stat_activity where query like '%DETACH PARTITION p1 CONCURRENTLY' and state = 'active'",
    );
  for (let found = await pending(); ; found = await pending()) {
    const [detaching] = found;
    if (detaching) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await run.query(`select pg_terminate_backend(${detaching.pid})`);
      break;
    }
  }
  await reader.query('commit');
  await reader.end();
  expect(await migrating).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
  expect(await run.query('select inhrelid from pg_inherits')).toEqual([]);
});

test('the way back from an index that was never built is done without one', async () => {
  const run = await open({
    manifest: manifestOf([
      table('a'),
      '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n',
    ]),
    clock: hasty,
    dataApi: { onRequest: ({ sql }) => (/CREATE INDEX CONCURRENTLY/.test(sql) ? { fault: 'request-lost' } : 'pass') },
  });
  expect(await run.run('Migrate')).toMatchObject({ status: 'FAILED', error: 'StepBrokenOff' });
  expect(await run.run('Rollback', { to: 'none' })).toMatchObject({ status: 'SUCCEEDED', output: { reverted: 2 } });
});
