import { expect, test } from 'vitest';
import { openSnapshot } from '../../lib/local/rds/index.ts';
import { compileProject } from '../../lib/project/index.ts';
import { manifestOf, migration, table, versionOf } from '../support/changelog.ts';
import { type LocalRun, useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

const entries = (run: LocalRun) =>
  run.query<{ version: string; state: string; revision: number }>(
    'select version, state, revision from lockkeeper.migration order by version',
  );

test('the example goes up with one snapshot, all the way back, and up again', { timeout: 120_000 }, async () => {
  const manifest = await compileProject(new URL('../..', import.meta.url).pathname);
  const run = await open({ manifest });
  const up = await run.run('Migrate', { to: '20250924100000' });
  expect(up).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'done', applied: 9, snapshot: null } });
  await run.query("insert into shop.customers (email, full_name, fax) values ('a@example.org', 'Ada', '0123')");

  const destructive = await run.run('Migrate');
  expect(destructive).toMatchObject({
    status: 'SUCCEEDED',
    output: { verdict: 'done', applied: 1, lastApplied: '20251006120000' },
  });
  expect(await run.states(destructive.arn)).toEqual(
    expect.arrayContaining(['Create the snapshot', 'Look at the snapshot', 'Record the snapshot']),
  );
  const snapshot = await openSnapshot(run.directory, String(destructive.output['snapshot']));
  try {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: snapshot.url() });
    await client.connect();
    expect((await client.query('select email, fax from shop.customers')).rows).toEqual([
      { email: 'a@example.org', fax: '0123' },
    ]);
    await client.end();
  } finally {
    await snapshot.stop();
  }

  const back = await run.run('Rollback', { to: 'none' });
  expect(back).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'done', reverted: 10, lastApplied: null } });
  expect(await run.query("select 1 from pg_namespace where nspname = 'shop'")).toEqual([]);
  expect((await run.states(back.arn)).filter((state) => state === 'Create the snapshot')).toHaveLength(1);

  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 10 } });
  expect((await entries(run)).map(({ state, revision }) => `${state} ${revision}`)).toEqual(
    Array.from({ length: 10 }, () => 'applied 3'),
  );
});

test('100 one-statement migrations take at most 10 Data API calls, nothing to do at most 2, and their rollback at most 10', async () => {
  const run = await open({ manifest: manifestOf(Array.from({ length: 100 }, (_, index) => table(`t${index}`))) });
  expect(await run.run('Migrate')).toMatchObject({ output: { applied: 100 } });
  const applied = run.calls();
  expect(applied).toBeLessThanOrEqual(10);
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'nothing' } });
  expect(run.calls() - applied).toBeLessThanOrEqual(2);
  const before = run.calls();
  expect(await run.run('Rollback')).toMatchObject({ output: { reverted: 100 } });
  expect(run.calls() - before).toBeLessThanOrEqual(10);
});

test('a plan shows what a run would do, and writes nothing but the ledger itself', async () => {
  const run = await open({
    manifest: manifestOf([table('a'), migration('DROP TABLE a;', 'CREATE TABLE a (id int);')]),
  });
  const planned = await run.run('Migrate', { plan: true });
  expect(planned).toMatchObject({
    status: 'SUCCEEDED',
    output: { verdict: 'plan', plan: { count: 2, destructive: true, snapshot: true } },
  });
  expect(await entries(run)).toEqual([]);
});

test('an approval names the digest of the plan, and another plan needs another one', async () => {
  const one = table('a');
  const drop = migration('DROP TABLE a;', 'CREATE TABLE a (id int);');
  const first = await open({ manifest: manifestOf([one, drop], { approval: 'destructive' }) });
  const asked = await first.run('Migrate');
  expect(asked).toMatchObject({ status: 'FAILED', error: 'ApprovalNeeded' });
  const digest = /"approve": "([0-9a-f]{64})"/.exec(asked.cause)?.[1];
  expect(await first.run('Migrate', { approve: 'f'.repeat(64) })).toMatchObject({ error: 'ApprovalNeeded' });

  const second = await open({
    manifest: manifestOf([one, drop, table('b')], { approval: 'destructive' }),
    directory: first.directory,
  });
  expect(await second.run('Migrate', { approve: digest })).toMatchObject({ error: 'ApprovalNeeded' });
  expect(await entries(first)).toEqual([]);
  expect(await first.run('Migrate', { approve: digest })).toMatchObject({
    status: 'SUCCEEDED',
    output: { applied: 2 },
  });
});

test('an older manifest, a prefix of what the ledger holds, is a success that does nothing; a wrong expected root is refused', async () => {
  const run = await open({ manifest: manifestOf([table('a'), table('b')]) });
  await run.run('Migrate');
  const older = await open({ manifest: manifestOf([table('a')]), directory: run.directory });
  expect(await older.run('Migrate')).toMatchObject({
    status: 'SUCCEEDED',
    output: { verdict: 'nothing', plan: { newer: 1 } },
  });
  expect(await older.run('Migrate', { manifest: '0'.repeat(64) })).toMatchObject({
    status: 'FAILED',
    error: 'ManifestMismatch',
  });
});

test('a rollback without words reverts the newest Migrate run, and a second one finds nothing to do', async () => {
  const texts = [table('a'), table('b'), table('c')];
  const run = await open({ manifest: manifestOf(texts) });
  await run.run('Migrate', { steps: 1 });
  await run.run('Migrate');
  expect(await run.run('Rollback')).toMatchObject({ output: { reverted: 2, lastApplied: versionOf(1) } });
  expect(await run.run('Rollback')).toMatchObject({ output: { verdict: 'nothing' } });
  expect((await entries(run)).map(({ state }) => state)).toEqual(['applied', 'reverted', 'reverted']);
});

test('a rollback goes back to a version, by steps, or to none', async () => {
  const run = await open({ manifest: manifestOf(['a', 'b', 'c', 'd'].map(table)) });
  await run.run('Migrate');
  expect(await run.run('Rollback', { to: versionOf(3) })).toMatchObject({
    output: { reverted: 1, lastApplied: versionOf(3) },
  });
  expect(await run.run('Rollback', { steps: 2 })).toMatchObject({ output: { reverted: 2, lastApplied: versionOf(1) } });
  expect(await run.run('Rollback', { to: 'none' })).toMatchObject({ output: { reverted: 1, lastApplied: null } });
});

test('a rollback runs the down that was stored, not the one of the newer manifest, nor one that is gone', async () => {
  const run = await open({ manifest: manifestOf([table('a')]) });
  await run.run('Migrate');
  const emptied = await open({ manifest: manifestOf([]), directory: run.directory });
  expect(await emptied.run('Rollback')).toMatchObject({ status: 'SUCCEEDED', output: { reverted: 1 } });
  expect(await run.query("select to_regclass('a') is null as gone")).toEqual([{ gone: true }]);
});

test('an irreversible migration is refused with its documented steps', async () => {
  const run = await open({
    manifest: manifestOf([
      '-- irreversible: restore the snapshot, then call the accountant\n\n-- migrate:up\nCREATE TABLE a (id int);\n',
    ]),
  });
  await run.run('Migrate');
  const refused = await run.run('Rollback');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'MigrationIrreversible' });
  expect(refused.cause).toContain('restore the snapshot, then call the accountant');
});

test('a failing migration is taken back whole, said in three parts, and goes on once it is corrected', async () => {
  const good = table('a');
  const broken = migration('CREATE TABLE b (id int);\nINSERT INTO missing_table VALUES (1);', 'DROP TABLE b;');
  const run = await open({ manifest: manifestOf([good, broken]) });
  const failed = await run.run('Migrate');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'MigrationFailed' });
  expect(failed.cause.split('\n')).toEqual([
    `${versionOf(2)}-step-2.sql:3: relation "missing_table" does not exist (SQLSTATE 42P01)`,
    '  INSERT INTO missing_table VALUES (…)',
    '              ^',
    `now: this run applied 1; the ledger stands at ${versionOf(1)}; nothing is half done`,
    'do: correct the migration (it was taken back whole), note it with: lockkeeper sum, and run again',
  ]);
  expect(await run.query("select to_regclass('b') is null as gone")).toEqual([{ gone: true }]);
  const corrected = await open({ manifest: manifestOf([good, table('b')]), directory: run.directory });
  expect(await corrected.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
});

test('a verify query that does not answer true takes its migration back', async () => {
  const run = await open({
    manifest: manifestOf([
      migration('CREATE TABLE a (id int);', 'DROP TABLE a;', '', "SELECT to_regclass('b') IS NOT NULL;"),
    ]),
  });
  const failed = await run.run('Migrate');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'MigrationFailed' });
  expect(failed.cause).toContain(`${versionOf(1)}-step-1.sql:8: verify: `);
  expect(await run.query("select to_regclass('a') is null as gone")).toEqual([{ gone: true }]);
});

test('a unique concurrent index that the data refuses fails clean: no invalid index remains', async () => {
  const run = await open({
    manifest: manifestOf([
      migration('CREATE TABLE a (id int);', 'DROP TABLE a;'),
      migration('INSERT INTO a VALUES (1), (1);', 'DELETE FROM a;'),
      '-- migrate:up transaction:false\nCREATE UNIQUE INDEX CONCURRENTLY a_id_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_id_idx;\n',
    ]),
  });
  const failed = await run.run('Migrate');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'StatementAloneFailed' });
  expect(failed.cause).toContain('could not create unique index "a_id_idx" (SQLSTATE 23505)');
  expect(failed.cause).not.toContain('(id)=(1)');
  expect(await run.query("select to_regclass('a_id_idx') is null as gone")).toEqual([{ gone: true }]);
  await run.query('delete from a');
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 1 } });
  expect(await run.run('Rollback')).toMatchObject({ status: 'SUCCEEDED', output: { reverted: 1 } });
});

const alone = (up: string): string =>
  `-- migrate:up transaction:false\n${up};\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n`;

test('a statement outside a transaction is never taken for done because something of its name is there, or nothing is', async () => {
  const base = migration('CREATE TABLE a (x int, y int);\nCREATE INDEX a_idx ON a (x);', 'DROP TABLE a;');
  for (const [statement, words] of [
    ['CREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (y)', 'relation "a_idx" already exists'],
    ['DROP INDEX CONCURRENTLY nosuch_idx', 'index "nosuch_idx" does not exist'],
  ] as const) {
    const run = await open({ manifest: manifestOf([base, alone(statement)]) });
    const end = await run.run('Migrate');
    expect(end).toMatchObject({ status: 'FAILED', error: 'StatementAloneFailed' });
    expect(end.cause).toContain(words);
    expect((await entries(run)).map(({ state }) => state)).toEqual(['applied', 'applying']);
  }
});
