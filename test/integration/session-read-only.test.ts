import { expect, test } from 'vitest';
import { manifestOf, migration, table } from '../support/changelog.ts';
import { type LocalRun, useLocalRuns } from '../support/local-run.ts';

const open = useLocalRuns();

const setReadOnly = async (run: LocalRun, words: string): Promise<void> => {
  await run.query(`begin read write; alter database ${run.stack.databaseName} ${words}; commit`);
  await run.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
  );
};

test('where sessions begin read only, what runs outside a transaction is refused before the first write, with the way to undo it', async () => {
  const index =
    '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n';
  const run = await open({ manifest: manifestOf([table('a'), index, migration('SELECT 1;', 'SELECT 1;')]) });
  await setReadOnly(run, 'set default_transaction_read_only = on');
  const refused = await run.run('Migrate');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'SessionUnfit' });
  expect(refused.cause).toMatch(/\d{14} runs outside a transaction, and sessions begin read only/);
  expect(refused.cause).toContain(`ALTER DATABASE ${run.stack.databaseName} RESET default_transaction_read_only`);
  expect(await run.query("select to_regclass('a') is null as absent")).toEqual([{ absent: true }]);

  await setReadOnly(run, 'reset default_transaction_read_only');
  expect(await run.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 3 } });
  await setReadOnly(run, 'set default_transaction_read_only = on');
  expect(await run.run('Rollback')).toMatchObject({ status: 'FAILED', error: 'SessionUnfit' });
  expect(
    await run.query('select count(*)::int as applied from lockkeeper.migration where state = $$applied$$'),
  ).toEqual([{ applied: 3 }]);
});
