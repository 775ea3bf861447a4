import { expect, test } from 'vitest';
import { manifestOf, migration, table } from '../support/changelog.ts';
import { useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

const concurrently = migration('CREATE INDEX CONCURRENTLY a_i ON a (id);', 'DROP INDEX CONCURRENTLY a_i;').replaceAll(
  /-- migrate:(up|down)/g,
  '-- migrate:$1 transaction:false',
);

test.for([
  ['no-commit', 'commit-inside-call'],
  ['no-row', 'inout-row'],
] as const)(
  'a Data API with %s gets one call a migration, up, back and up again, and is remembered as without %s',
  { timeout: 60_000 },
  async ([procedures, capability]) => {
    const changelog = [table('a'), table('b'), concurrently, migration('DROP TABLE b;', 'CREATE TABLE b (id int);')];
    const run = await open({ manifest: manifestOf(changelog), dataApi: { procedures } });
    expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 4 } });
    expect(
      await run.query(
        "select to_regclass('b') is null as gone, indisvalid from pg_index where indexrelid = 'a_i'::regclass",
      ),
    ).toEqual([{ gone: true, indisvalid: true }]);
    expect(await run.run('Rollback', { to: 'none' })).toMatchObject({ status: 'SUCCEEDED', output: { reverted: 4 } });
    expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 4 } });
    expect(await run.query('select name, holds from lockkeeper.capability')).toEqual([
      { name: capability, holds: false },
    ]);
    expect(await run.query('select count(*)::int as n from lockkeeper.event where kind = $$applied$$')).toEqual([
      { n: 8 },
    ]);
  },
);
