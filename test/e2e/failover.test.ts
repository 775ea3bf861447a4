import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Clock } from '../../lib/local/states-language/index.ts';
import { manifestOf, migration, table } from '../support/changelog.ts';
import { type LocalRun, useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

/** The machine's waits and timeouts in a fiftieth of their time. */
const quick: Clock = { now: () => Date.now(), sleep: (ms, signal) => pause(ms / 50, undefined, { signal }) };
/** Half a minute of the machine's time. */
const absentMs = 600;

const gate = 'DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;';
const index = (name: string): string =>
  `-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY ${name} ON once (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY ${name};\n`;

const active = (run: LocalRun, words: string) =>
  run.query(
    `select from pg_stat_activity where state = 'active' and starts_with(query, '/* lockkeeper ') and query like '%${words}%'`,
  );

test('a run goes through a failover in the middle of a batch and one in the middle of a build, and does everything once', async () => {
  let isAbsent = false;
  let missed = 0;
  const run = await open({
    manifest: manifestOf([
      migration('CREATE TABLE gate (id int);\nCREATE TABLE once (id int);', 'DROP TABLE gate;\nDROP TABLE once;'),
      migration(`${gate}\nINSERT INTO once VALUES (1);`, 'DELETE FROM once;'),
      index('once_idx'),
      table('last'),
    ]),
    clock: quick,
    dataApi: {
      onRequest: () => {
        if (!isAbsent) return 'pass';
        missed += 1;
        return { fault: 'writer-missing' };
      },
    },
  });
  /** Every session dies, then there is no writer for a while. */
  const failOver = async (): Promise<void> => {
    isAbsent = true;
    await run.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    await pause(absentMs);
    isAbsent = false;
  };
  const migrating = run.run('Migrate');

  await expect.poll(() => active(run, 'CALL').catch(() => []), { timeout: 20_000 }).toHaveLength(1);
  await expect
    .poll(() => run.query("select to_regclass('gate') as gate"), { timeout: 20_000 })
    .not.toEqual([{ gate: null }]);
  await failOver();
  const missedInBatch = missed;
  const reader = new pg.Client({ connectionString: run.stack.databaseUrl });
  reader.on('error', () => undefined);
  await reader.connect();
  await reader.query('begin isolation level repeatable read; select * from once');
  await run.query('insert into gate values (1)');

  await expect.poll(() => active(run, 'CREATE INDEX CONCURRENTLY'), { timeout: 20_000 }).toHaveLength(1);
  await failOver();

  expect(await migrating).toMatchObject({ status: 'SUCCEEDED', output: { applied: 4 } });
  expect([missedInBatch > 0, missed > missedInBatch]).toEqual([true, true]);
  expect(await run.query('select id from once')).toEqual([{ id: 1 }]);
  expect(await run.query("select indisvalid from pg_index where indexrelid = 'once_idx'::regclass")).toEqual([
    { indisvalid: true },
  ]);
  expect(await run.query("select count(*)::int as applied from lockkeeper.event where kind = 'applied'")).toEqual([
    { applied: 4 },
  ]);
  expect(await run.query('select holder from lockkeeper.lease')).toEqual([{ holder: null }]);
});
