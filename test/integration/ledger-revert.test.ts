import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LedgerCase, migrationOf, openLedgerCase, procedureSupports } from '../support/ledger-case.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const version = (n: number): string => String(20250101000000 + n);
const states = (): Promise<unknown[]> =>
  on.sql(
    "select concat_ws(' ', version, revision, state, reverted_run is not null) from lockkeeper.migration order by 1",
  );

describe.each(procedureSupports)('with %s:', (support) => {
  beforeEach(async () => {
    on = await openLedgerCase(server, [], support);
    await on.apply([
      migrationOf(1, { up: ['create table a(i int)'], down: ['drop table a'] }),
      migrationOf(2, { up: ['insert into a values (1), (2)'], down: ['delete from a where i < 3'], downLoss: 'data' }),
    ]);
  });
  afterEach(() => on.close());

  test('runs the stored downs in the order given, by one call, or one for each, each with its ledger row', async () => {
    const before = on.database.sent.length;
    expect(
      await on.revert([
        [version(2), 1],
        [version(1), 1],
      ]),
    ).toEqual({ applied: 2, already: 0, last: version(1), rows: 2, stop: null, at: null, failure: null });
    expect(on.database.sent.length - before).toBe(support === 'procedures' ? 1 : 2);
    expect(await states()).toEqual([`${version(1)} 2 reverted t`, `${version(2)} 2 reverted t`]);
    expect(await on.ledger.history(2)).toMatchObject([
      { kind: 'reverted', version: version(1), detail: { rows: 0, revision: 2, statements: 1 } },
      {
        kind: 'reverted',
        version: version(2),
        detail: {
          rows: 2,
          revision: 2,
          statements: 1,
          snapshot: null,
          instantBefore: expect.stringMatching(/Z$/) as string,
        },
      },
    ]);
    expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
  });

  test('keeps the rows and milliseconds of the up', async () => {
    await on.revert([[version(2), 1]]);
    expect(await on.sql("select rows from lockkeeper.migration where state = 'reverted'")).toEqual([['2']]);
  });

  test('repeated answers already, and late, after another up, does nothing', async () => {
    await on.revert([[version(2), 1]]);
    expect(await on.revert([[version(2), 1]])).toMatchObject({ applied: 0, already: 1, stop: null });
    await on.apply([migrationOf(2, { up: ['insert into a values (1)'], down: ['delete from a'] })], { revision: 2 });
    expect(await on.revert([[version(2), 1]])).toMatchObject({ applied: 0, stop: 'stale', at: version(2) });
    expect(await on.sql('select count(*) from a')).toEqual(['1']);
  });

  test('of a version that was never applied is stale', async () => {
    expect(await on.revert([[version(9), 1]])).toMatchObject({ applied: 0, stop: 'stale', at: version(9) });
  });

  test('that fails takes that one back and keeps those before it', async () => {
    await on.sql('create table b(); create view v as select * from a');
    const result = await on.revert([
      [version(2), 1],
      [version(1), 1],
    ]);
    expect(result).toMatchObject({
      applied: 1,
      stop: 'failed',
      failure: {
        version: version(1),
        sqlstate: '2BP01',
        phase: 'run',
        statement: 0,
        hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
      },
    });
    expect(await states()).toEqual([`${version(1)} 1 applied f`, `${version(2)} 2 reverted t`]);
  });

  test('is busy when a lock is not had', async () => {
    const other = await on.connect();
    await other.query('begin; lock table a in access share mode');
    expect(
      await on.revert([
        [version(2), 1],
        [version(1), 1],
      ]),
    ).toMatchObject({ applied: 1, stop: 'busy', at: version(1) });
    await other.query('rollback');
  });

  test.for(['down', 'up', 'verify', 'irreversible', 'checksum'])(
    'is refused when the stored %s is not what was applied',
    async (column) => {
      const value =
        column === 'irreversible' || column === 'checksum' ? "'x'" : `'{"statements":[{"sql":"drop table a"}]}'`;
      await on.sql(`update lockkeeper.migration set ${column} = ${value} where version = '${version(1)}'`);
      const refused = on.revert([
        [version(2), 1],
        [version(1), 1],
      ]);
      await expect(refused).rejects.toMatchObject({
        code: 'LedgerTampered',
        message: `the stored script of ${version(1)}-change-1 is not what was applied`,
      });
      // what came before in the list stays reverted
      expect(await states()).toEqual([`${version(1)} 1 applied f`, `${version(2)} 2 reverted t`]);
    },
  );

  test('of an irreversible migration is refused with its documented steps', async () => {
    await on.apply([migrationOf(3, { up: [], down: null })]);
    await expect(on.revert([[version(3), 1]])).rejects.toMatchObject({
      code: 'MigrationIrreversible',
      message: `${version(3)}-change-3 has no way back by script; its documented steps: call the accountant`,
    });
  });

  test('with a token that is not the lease’s changes nothing', async () => {
    expect(await on.revert([[version(2), 1]], { token: on.token + 1 })).toMatchObject({ applied: 0, stop: 'lease' });
    expect(await on.sql('select count(*) from a')).toEqual(['2']);
  });

  test('a down that works against its own row is taken back', async () => {
    await on.apply([migrationOf(3, { up: [], down: ['delete from lockkeeper.migration'] })]);
    expect(await on.revert([[version(3), 1]])).toMatchObject({
      stop: 'failed',
      failure: { sqlstate: 'LK002', phase: 'complete' },
    });
  });
});
