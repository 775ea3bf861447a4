import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestOf, migration } from '../support/changelog.ts';
import { type LocalRun, openLocalRun } from '../support/local-run.ts';

/** One of each kind, with an INSERT that must not happen twice and a snapshot before the last. */
const manifest = manifestOf([
  migration('CREATE TABLE account (id int, note text);', 'DROP TABLE account;'),
  migration("INSERT INTO account VALUES (1, 'once');", 'DELETE FROM account;'),
  '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY account_id_idx ON account (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY account_id_idx;\n',
  migration('ALTER TABLE account DROP COLUMN note;', 'ALTER TABLE account ADD COLUMN note text;'),
]);

let run: LocalRun;
let calls = 0;
let manifestFile = '';

beforeAll(async () => {
  run = await openLocalRun({ manifest });
  manifestFile = join(run.directory, 'manifest-under-test.json');
  writeFileSync(manifestFile, JSON.stringify(manifest));
  await run.run('Migrate', { plan: true });
  const before = run.calls();
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 4 } });
  calls = run.calls() - before;
});
afterAll(() => run.close());

const killedAt = async (call: number, moment: 'before' | 'after'): Promise<NodeJS.Signals | null> => {
  const script = new URL('../support/killed-runner.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, run.directory, manifestFile, String(call), moment],
    { stdio: 'ignore' },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
};

/** With LOCKKEEPER_FULL (npm run test:full) every call, before and after it is done; else every sixth, the two moments apart. A reset needs the lease that a dead run may hold. */
const callsToCut = (moment: 'before' | 'after'): number[] => {
  const every = Array.from({ length: calls }, (_, index) => index + 1);
  return process.env['LOCKKEEPER_FULL'] === undefined
    ? every.filter((call) => call % 6 === (moment === 'before' ? 1 : 4))
    : every;
};

test.each(['after', 'before'] as const)(
  'a run killed %s any of its Data API calls is finished by the next one, with nothing applied twice',
  { timeout: 600_000 },
  async (moment) => {
    for (const call of callsToCut(moment)) {
      expect(await run.run('Rollback', { to: 'none' }), `reset before call ${call}`).toMatchObject({
        status: 'SUCCEEDED',
      });
      expect(await killedAt(call, moment), `killed ${moment} call ${call}`).toBe('SIGKILL');
      expect(await run.run('Migrate'), `after call ${call}`).toMatchObject({ status: 'SUCCEEDED' });
      expect(await run.query('select id from account'), `rows after call ${call}`).toEqual([{ id: 1 }]);
      expect(await run.query("select indisvalid from pg_index where indexrelid = 'account_id_idx'::regclass")).toEqual([
        { indisvalid: true },
      ]);
      expect(
        await run.query("select count(*)::int as applied from lockkeeper.migration where state = 'applied'"),
      ).toEqual([{ applied: 4 }]);
    }
    expect(await run.run('Rollback', { to: 'none' }), 'reset at the end').toMatchObject({ status: 'SUCCEEDED' });
  },
);
