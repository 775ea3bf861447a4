import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerCase, migrationOf, openLedgerCase, procedureSupports } from '../support/ledger-case.ts';
import { messageCases } from '../support/message-cases.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
  on = await openLedgerCase(server);
});
afterAll(async () => {
  await on.close();
  await server.stop();
});

describe('a message of PostgreSQL', () => {
  test('loses its values in the database as it does outside', async () => {
    const client = await on.connect();
    for (const [sqlstate, message, told] of messageCases) {
      const { rows } = await client.query<{ told: string }>('select lockkeeper.without_values($1, $2) as told', [
        sqlstate,
        message,
      ]);
      expect(rows[0]?.told).toBe(told);
    }
  });

  test.for([
    ["insert into a select 'hunter2'::int", '22P02', 'invalid input syntax for type integer: "…"'],
    ["insert into a select '99999999999'::int", '22003', 'value "…" is out of range for type integer'],
    ['insert into a select make_date(2025, 13, 45) - current_date', '22008', 'date field value out of range: …'],
    ["do $$ begin execute 'select ''hunter2'; end $$", '42601', 'unterminated quoted string at or near "…"'],
    ['insert into a (nosuch) values (1)', '42703', 'column "nosuch" of relation "a" does not exist'],
    ["do $$ begin raise exception 'order % has no lines', 17; end $$", 'P0001', 'order 17 has no lines'],
  ] as const)('of `%s` reaches neither reply nor event with its values', async ([sql, sqlstate, message]) => {
    expect(await on.apply([migrationOf(1, { up: ['create table a(i int)', sql] })])).toMatchObject({
      stop: 'failed',
      failure: { sqlstate, message },
    });
    expect(
      await on.sql("select detail->>'message' from lockkeeper.event where kind = 'failed' order by id desc limit 1"),
    ).toEqual([message]);
  });
});

/** Hides a name of the ledger from the parser, as a function body can. */
const hidden = (statement: string): string => `do $$ begin execute '${statement.replaceAll("'", "''")}'; end $$`;

describe.each(procedureSupports)('with %s, a migration that reaches the ledger through dynamic SQL', (support) => {
  let mine: LedgerCase;
  beforeAll(async () => {
    mine = await openLedgerCase(server, [], support);
    await mine.apply([migrationOf(1, { up: ['create table before()'] })]);
  });
  afterAll(() => mine.close());

  test.for([
    "update lockkeeper.migration set checksum = 'forged' where version like '%001'",
    "delete from lockkeeper.migration where version like '%001'",
    'update lockkeeper/* here */.migration set rows = rows',
    "insert into lockkeeper.event (kind) values ('ended')",
    'delete from lockkeeper.event',
    'truncate lockkeeper.event',
    'truncate lockkeeper.migration',
    "update lockkeeper.lease set holder = 'me'",
    "insert into lockkeeper.capability values ('inout-row', false, 'no')",
    'update lockkeeper.installation set version = 1',
    "select setval('lockkeeper.event_id_seq', 1)",
    'create rule r as on update to lockkeeper.migration do instead nothing',
    'create trigger t before update on lockkeeper.migration for each row execute function suppress_redundant_updates_trigger()',
    'alter table lockkeeper.event add column x int default 1',
    'alter table lockkeeper.event rename to happening',
    'alter table lockkeeper.migration disable trigger all',
    'create table child () inherits (lockkeeper.migration)',
    "create or replace function lockkeeper.iso(p_at timestamptz) returns text language sql as 'select null::text'",
    'alter schema lockkeeper rename to elsewhere',
    'drop schema lockkeeper cascade',
    'drop function lockkeeper.write_entry',
    'drop function lockkeeper.complete_step',
    'create unique index on lockkeeper.event (id, kind)',
  ])('by `%s` is taken back', async (statement) => {
    const left = async (): Promise<unknown> =>
      mine.sql(
        "select row_to_json(m)::text from lockkeeper.migration m union all select row_to_json(e)::text from lockkeeper.event e where kind <> 'failed'",
      );
    const before = await left();
    const result = await mine.apply([migrationOf(2, { up: ['create table a()', hidden(statement)] })]);
    expect(result).toMatchObject({ stop: 'failed', failure: { phase: 'complete', sqlstate: 'LK002' } });
    expect(await left()).toEqual(before);
    expect(await mine.sql("select to_regclass('a') is null")).toEqual([true]);
    expect(
      await mine.sql("select detail->>'sqlstate' from lockkeeper.event where kind = 'failed' order by id desc limit 1"),
    ).toEqual(['LK002']);
  });

  test('by nothing but reading, ANALYZE and functions of its own is applied', async () => {
    expect(
      await mine.apply([
        migrationOf(2, {
          up: [
            'analyze',
            "create function mine() returns bigint language sql as 'select count(*) from lockkeeper.migration'",
            'create table seen as select mine()',
            'lock table lockkeeper.event in access share mode',
          ],
        }),
      ]),
    ).toMatchObject({ applied: 1, stop: null });
  });
});

describe.each(procedureSupports)('with %s, a pooled session', (support) => {
  const leaving = [
    'prepare ready as select 1',
    'declare far cursor with hold for select generate_series(1, 9)',
    'declare near cursor for select 1',
    'listen news',
    'create temp table scratch(i int)',
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "select set_config('app.tenant', '7', false)",
    "set work_mem = '9MB'",
    'select pg_advisory_lock(7)',
    'create sequence s',
    "select nextval('s')",
  ];
  const kept = `SELECT CAST((SELECT count(*) FROM pg_prepared_statements WHERE from_sql) AS bigint) AS prepared, (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS cursors,
    (SELECT count(*) FROM pg_listening_channels()) AS listens, (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) + (SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()) AS temporary,
    coalesce(current_setting('app.tenant', true), '') || current_setting('work_mem') AS settings, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks`;
  const clean = { prepared: 0, cursors: 0, listens: 0, temporary: 0, locks: 0 };

  test.for([
    ['applied', [], [], '4MB'],
    ['applied', ["set statement_timeout = '20s'"], [], '4MB'],
    ['failed', [], ['nonsense'], '4MB'],
    ['failed', ["set work_mem = '5MB'"], ['nonsense'], '5MB'],
  ] as const)('has nothing left of a migration that was %s (%s)', async ([, settings, end, workMem]) => {
    const mine = await openLedgerCase(server, settings, support);
    try {
      await mine.apply([migrationOf(1, { up: [...leaving, ...end] })]);
      for (let look = 0; look < 12; look += 1) {
        expect(await mine.database.query(kept)).toEqual([{ ...clean, settings: workMem }]);
      }
    } finally {
      await mine.close();
    }
  });
});

describe.each(procedureSupports)('with %s, a call that PostgreSQL refuses as a whole', (support) => {
  let mine: LedgerCase;
  beforeAll(async () => {
    mine = await openLedgerCase(server, [], support);
  });
  afterAll(() => mine.close());

  const putsOff = [
    'create table late(i int)',
    `create function refuse() returns trigger language plpgsql as $$ begin
       if new.i > 1 then raise exception using errcode = '23514', message = 'too late'; end if;
       set constraints all deferred; insert into late values (new.i + 1); return null; end $$`,
    'create constraint trigger late_refuse after insert on late deferrable initially deferred for each row execute function refuse()',
    'insert into late values (1)',
  ];

  test('at its COMMIT, for a trigger that put off another, names the migration and keeps those before it', async () => {
    const result = await mine.apply([
      migrationOf(1, { up: ['create table early()'] }),
      migrationOf(2, { up: putsOff }),
      migrationOf(3, { up: ['create table never()'] }),
    ]);
    expect(result).toMatchObject({
      applied: 1,
      last: '20250101000001',
      stop: 'failed',
      at: '20250101000002',
      failure: { version: '20250101000002', phase: 'commit', sqlstate: '23514', message: 'too late' },
    });
    expect(await mine.sql('select version from lockkeeper.migration')).toEqual(['20250101000001']);
    expect(await mine.sql("select version from lockkeeper.event where kind = 'failed'")).toEqual(['20250101000002']);
    expect(await mine.sql("select to_regclass('late') is null and to_regclass('never') is null")).toEqual([true]);
  });

  test('cancelled again and again while the first cancel is written down leaves one failed event', async () => {
    const storm = await mine.connect();
    for (let round = 1; round <= 8; round += 1) {
      const applying = mine.apply([
        migrationOf(10 + round, {
          up: ['create table slow()', `prepare ready_${round} as select 1`, 'select pg_sleep(20)'],
        }),
      ]);
      let cancels = 0;
      const call = { over: false };
      void applying.finally(() => (call.over = true)).catch(() => undefined);
      while (!call.over && cancels < 2 + (round % 5)) {
        const { rows } = await storm.query<{ sent: number }>(
          `select count(*) filter (where pg_cancel_backend(pid))::int as sent from pg_stat_activity, generate_series(1, 3)
           where query like '/* lockkeeper first%' and state = 'active' and pid <> pg_backend_pid()`,
        );
        if (rows[0]!.sent > 0) cancels += 1;
      }
      expect(await applying).toMatchObject({ stop: 'failed', failure: { sqlstate: '57014' } });
      expect(
        await mine.sql(
          `select detail->>'sqlstate' from lockkeeper.event where kind = 'failed' and version = '${20250101000010 + round}'`,
        ),
      ).toEqual(['57014']);
    }
    expect(await mine.sql("select to_regclass('slow') is null")).toEqual([true]);
  });
});
