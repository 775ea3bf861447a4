import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ledger } from '../../lib/ledger/ledger.ts';
import { type LedgerCase, migrationOf, openLedgerCase } from '../support/ledger-case.ts';
import { openPgDatabase } from '../support/pg-database.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const answers = async ({ token, run }: LedgerCase, asked: Ledger): Promise<unknown> => {
  const alone = migrationOf(2, {
    up: ['CREATE INDEX CONCURRENTLY a_idx ON a (i)'],
    down: ['drop index a_idx'],
    transactional: false,
  });
  await asked.apply({
    token,
    run,
    comment: 'first',
    options: { lockTimeoutMs: 900, budgetMs: 1000 },
    migrations: [
      {
        migration: migrationOf(1, { up: ['create table public.a(i int)', 'create index a_idx on public.a(i)'] }),
        revision: 0,
      },
    ],
  });
  await asked.beginAlone({ token, run, version: alone.version, direction: 'up', revision: 0, migration: alone });
  const back = await asked.beginAlone({
    token,
    run,
    version: alone.version,
    direction: 'down',
    revision: 1,
    migration: null,
  });
  await asked.recordEvent({
    kind: 'intent',
    token,
    run,
    version: alone.version,
    detail: { statement: 0, revision: 2, before: 'open' },
  });
  const table = { schema: 'public', name: 'a' };
  const [active] = await asked.activity('');
  return {
    down: back.done ? null : back.section.statements.length,
    sends: await asked.sends({ run, version: alone.version, revision: 2, index: 0 }),
    index: await asked.indexState(table, 'a_idx'),
    absent: await asked.judge({ by: 'index-absent', index: { schema: null, name: 'a_idx' } }),
    detached: await asked.judge({ by: 'partition-detached', table, partition: table }),
    active,
    long: await asked.longTransactions(60),
    holders: await asked.lockHolders({ statements: ['drop table a'], waitedMs: 0 }),
    cancelled: await asked.cancel([1]),
    builds: await asked.indexProgress(),
    entries: (await asked.entries()).map(({ version, rows, state }) => [version, rows, state]),
    history: (await asked.history(9)).map(({ kind }) => kind),
  };
};

const given = async (
  settings: (database: string) => readonly string[],
): Promise<{ url: string; admin: pg.Client; name: string }> => {
  const url = await server.createDatabase();
  const name = new URL(url).pathname.slice(1);
  const plain = openPgDatabase(url);
  await new Ledger(plain, 'lockkeeper').install();
  await plain.end();
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  for (const setting of settings(name)) await admin.query(setting);
  return { url, admin, name };
};

test('what we ask the catalogue and the ledger is answered the same under a search path with operators and functions of others', async () => {
  const evil = [
    'create schema if not exists evil',
    ...[
      'name, text',
      'text, text',
      'name, name',
      'oid, oid',
      'oid, regclass',
      'integer, integer',
      'bigint, bigint',
    ].flatMap((types) =>
      ['=', '<>', '>', '<'].map((operator, index) => {
        const [left, right] = types.split(', ') as [string, string];
        return `create or replace function evil.lie${index}(${types}) returns boolean language sql as 'select ${operator !== '='}';
          create operator evil.${operator} (function = evil.lie${index}, leftarg = ${left}, rightarg = ${right})`;
      }),
    ),
    "create or replace function evil.pg_backend_pid() returns integer language sql as 'select 0'",
    "create or replace function evil.starts_with(text, text) returns boolean language sql as 'select false'",
    "create or replace function evil.quote_ident(text) returns text language sql as 'select null::text'",
    "create or replace function evil.to_regclass(text) returns regclass language sql as 'select null::regclass'",
    "create or replace aggregate evil.count(*) (sfunc = int8inc, stype = bigint, initcond = '7')",
    "create or replace aggregate evil.max(bigint) (sfunc = int8larger, stype = bigint, initcond = '999')",
    "create or replace aggregate evil.sum(bigint) (sfunc = int8pl, stype = bigint, initcond = '999')",
  ];
  const mine = await openLedgerCase(server);
  const plain = await openLedgerCase(server);
  try {
    for (const statement of evil) await mine.sql(statement);
    await mine.sql(
      `do $$ begin execute format('alter database %I set search_path = evil, public, pg_catalog', current_database()); end $$`,
    );
    const hostile = openPgDatabase(mine.url);
    expect(await answers(mine, new Ledger(hostile, 'lockkeeper'))).toEqual(await answers(plain, plain.ledger));
    expect((await hostile.query('SELECT CAST(2 = 2 AS text) AS v'))[0]).toEqual({ v: 'false' });
    await hostile.end();
  } finally {
    await mine.close();
    await plain.close();
  }
});

describe('a setting that was given to the sessions by hand', () => {
  test.for([
    [
      'role',
      (name: string) => ['create role clerk', `alter database ${name} set role = clerk`],
      (name: string) =>
        `permission denied for schema lockkeeper: our sessions get role by ALTER DATABASE ${name}; to undo it: ALTER DATABASE ${name} RESET role`,
      'procedures',
    ],
    [
      'default_transaction_read_only',
      (name: string) => [`alter role postgres in database ${name} set default_transaction_read_only = on`],
      (name: string) =>
        `cannot execute INSERT in a read-only transaction: our sessions get default_transaction_read_only by ALTER ROLE postgres IN DATABASE ${name}; to undo it: ALTER ROLE postgres IN DATABASE ${name} RESET default_transaction_read_only`,
      'no COMMIT inside CALL',
    ],
    [
      'default_transaction_isolation',
      (name: string) => [`alter database ${name} set default_transaction_isolation = 'repeatable read'`],
      (name: string) =>
        `a session begins with transactions repeatable read, read only off, and procedures cannot begin their own here; expected read committed, read only off: our sessions get default_transaction_isolation by ALTER DATABASE ${name}; to undo it: ALTER DATABASE ${name} RESET default_transaction_isolation`,
      'no COMMIT inside CALL',
    ],
    [
      'statement_timeout',
      (name: string) => [`alter database ${name} set statement_timeout = '1500ms'`],
      (name: string) =>
        `canceling statement due to statement timeout: our sessions get statement_timeout by ALTER DATABASE ${name}; to undo it: ALTER DATABASE ${name} RESET statement_timeout`,
      'procedures',
    ],
  ] as const)(
    '(%s) is named with what undoes it, and undoing it helps',
    async ([setting, settings, message, support]) => {
      const { url, admin, name } = await given(settings);
      const database = openPgDatabase(url, [], support);
      const ledger = new Ledger(database, 'lockkeeper');
      const begin = () => ledger.acquire({ run: 'a', direction: 'up', begun: {} });
      try {
        if (setting === 'statement_timeout') await admin.query('begin; lock table lockkeeper.lease');
        await expect(begin()).rejects.toMatchObject({ code: 'SessionUnfit', message: message(name) });
        if (setting === 'statement_timeout') await admin.query('rollback');
        await database.end();
        await admin.query(message(name).split('to undo it: ')[1]!);
        const after = openPgDatabase(url, [], support);
        expect(await new Ledger(after, 'lockkeeper').acquire({ run: 'a', direction: 'up', begun: {} })).toMatchObject({
          taken: true,
        });
        await after.end();
      } finally {
        await admin.end();
      }
    },
  );

  test('(read only, another isolation) does not reach what procedures do', async () => {
    const { url, admin } = await given((name) => [
      `alter database ${name} set default_transaction_read_only = on`,
      `alter database ${name} set default_transaction_isolation = 'serializable'`,
    ]);
    const database = openPgDatabase(url);
    const ledger = new Ledger(database, 'lockkeeper');
    expect(await ledger.acquire({ run: 'a', direction: 'up', begun: {} })).toMatchObject({ taken: true });
    await expect(
      ledger.startAlone({ sql: 'create index concurrently i on lockkeeper.event (at)', comment: 'a' }),
    ).rejects.toMatchObject({
      code: 'SessionUnfit',
      message: expect.stringContaining('RESET default_transaction_read_only') as string,
    });
    await database.end();
    await admin.end();
  });

  test('(statement_timeout) that ends a statement of a migration is told as its hint', async () => {
    const mine = await openLedgerCase(server, ["set statement_timeout = '700ms'"]);
    try {
      expect(await mine.apply([migrationOf(1, { up: ['select pg_sleep(9)'] })])).toMatchObject({
        stop: 'failed',
        failure: {
          sqlstate: '57014',
          hint: 'sessions begin with statement_timeout 700ms; lift it with ALTER ROLE … or ALTER DATABASE … RESET statement_timeout',
        },
      });
    } finally {
      await mine.close();
    }
  });
});
