import { setTimeout as pause } from 'node:timers/promises';
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
const whole = { already: 0, stop: null, at: null, failure: null };

describe.each(procedureSupports)('with %s:', (support) => {
  beforeEach(async () => {
    on = await openLedgerCase(server, [], support);
  });
  afterEach(() => on.close());

  describe('a list of migrations', () => {
    test('is applied by one call, or one for each migration, each in a transaction of its own with its ledger row', async () => {
      const before = on.database.sent.length;
      const result = await on.apply([
        migrationOf(1, {
          up: [
            'create table a(tx bigint default txid_current())',
            'insert into a default values',
            'insert into a default values',
          ],
        }),
        migrationOf(2, { up: ['insert into a default values'] }),
      ]);
      expect(result).toEqual({ ...whole, applied: 2, last: version(2), rows: 3 });
      const sent = on.database.sent.slice(before).map((sql) => sql.slice(0, 30));
      expect(sent).toEqual(
        support === 'procedures'
          ? ['/* lockkeeper first */ CALL "l']
          : ['/* lockkeeper first */ SELECT ', '/* lockkeeper first */ SELECT '],
      );
      expect(await on.sql('select count(distinct tx) from a')).toEqual(['2']);
      expect(await on.sql('select count(distinct xmin::text) from lockkeeper.migration')).toEqual(['2']);
      expect(
        await on.sql(
          'select m.version from lockkeeper.migration m join lockkeeper.event e on e.xmin::text = m.xmin::text where e.kind = $$applied$$ order by 1',
        ),
      ).toEqual([version(1), version(2)]);
      expect(await on.sql('select rows from lockkeeper.migration order by version')).toEqual([['0', '1', '1'], ['1']]);
    });

    test('may be empty, and a migration may have no statement', async () => {
      expect(await on.apply([])).toEqual({ ...whole, applied: 0, last: null, rows: 0 });
      expect(await on.apply([migrationOf(1, { up: [] })])).toEqual({ ...whole, applied: 1, last: version(1), rows: 0 });
    });

    test('keeps what was applied before the one that fails, and takes that one back whole', async () => {
      const result = await on.apply([
        migrationOf(1, { up: ['create table a(i int check (i < 9))'] }),
        migrationOf(2, { up: ['insert into a values (1)', 'insert into a values (77)'] }),
        migrationOf(3, { up: ['create table never()'] }),
      ]);
      expect(result).toMatchObject({ applied: 1, last: version(1), stop: 'failed', at: version(2) });
      expect(result.failure).toEqual({
        version: version(2),
        statement: 1,
        phase: 'run',
        sqlstate: '23514',
        message: 'new row for relation "a" violates check constraint "a_i_check"',
        hint: null,
        schema: 'public',
        table: 'a',
        column: null,
        constraint: 'a_i_check',
      });
      expect(await on.sql('select i from a')).toEqual([]);
      expect(await on.sql('select version from lockkeeper.migration')).toEqual([version(1)]);
    });

    test('never keeps a value of a refused row, neither in the reply nor in an event', async () => {
      const result = await on.apply([
        migrationOf(1, {
          up: ['create table a(i int not null, secret text)', "insert into a values (null, 'hunter2')"],
        }),
      ]);
      expect(result.stop).toBe('failed');
      expect(JSON.stringify(result)).not.toContain('hunter2');
      expect(await on.sql("select detail from lockkeeper.event where detail::text like '%hunter2%'")).toEqual([]);
    });

    test('stops at its budget and says where to go on', async () => {
      const result = await on.apply(
        ['select 1', 'select pg_sleep(1)', 'select 1'].map((sql, n) => migrationOf(n, { up: [sql] })),
        { budgetMs: 900 },
      );
      expect(result).toMatchObject({ applied: 2, stop: 'budget', last: version(1), at: version(2), failure: null });
    });
  });

  describe('a repeated call', () => {
    test('answers already for what is applied', async () => {
      const migrations = [migrationOf(1, { up: ['create table a()'] }), migrationOf(2, { up: ['create table b()'] })];
      await on.apply(migrations.slice(0, 1));
      expect(await on.apply(migrations)).toMatchObject({ applied: 1, already: 1, last: version(2), stop: null });
      expect(await on.sql('select revision from lockkeeper.migration')).toEqual([1, 1]);
    });

    test('is refused with another checksum', async () => {
      await on.apply([migrationOf(1, { up: [] })]);
      expect(await on.apply([migrationOf(1, { up: [], checksum: 'other' })])).toMatchObject({
        applied: 0,
        stop: 'checksum',
        at: version(1),
      });
    });

    test('that comes late, after a revert, does not apply again', async () => {
      const migration = migrationOf(1, { up: ['create table a()'], down: ['drop table a'] });
      await on.apply([migration]);
      await on.revert([[version(1), 1]]);
      expect(await on.apply([migration])).toMatchObject({ applied: 0, stop: 'stale', at: version(1) });
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
    });

    test('after up and down goes up again at the new revision, once', async () => {
      const migration = migrationOf(1, { up: ['create table a()'], down: ['drop table a'] });
      await on.apply([migration]);
      await on.revert([[version(1), 1]]);
      expect(await on.apply([migration], { revision: 2 })).toMatchObject({ applied: 1, stop: null });
      expect(await on.apply([migration], { revision: 2 })).toMatchObject({ applied: 0, already: 1, stop: null });
      expect(await on.sql('select revision from lockkeeper.migration')).toEqual([3]);
    });

    test('of an earlier round does not apply once the migration is down again', async () => {
      const migration = migrationOf(1, { up: ['create table a()'], down: ['drop table a'] });
      await on.apply([migration]);
      await on.revert([[version(1), 1]]);
      await on.apply([migration], { revision: 2 });
      await on.revert([[version(1), 3]]);
      expect(await on.apply([migration], { revision: 2 })).toMatchObject({ applied: 0, stop: 'stale', at: version(1) });
      expect(await on.revert([[version(1), 1]])).toMatchObject({ applied: 0, stop: 'stale' });
      expect(await on.sql('select revision from lockkeeper.migration')).toEqual([4]);
    });

    test('that believes in a row which is not there is stale', async () => {
      expect(await on.apply([migrationOf(1, { up: [] })], { revision: 2 })).toMatchObject({
        applied: 0,
        stop: 'stale',
      });
    });

    test('at the same time as the first applies everything exactly once', async () => {
      const migrations = Array.from({ length: 30 }, (_, n) =>
        migrationOf(n, {
          up: [n === 0 ? 'create table a(n int)' : `insert into a values (${n})`, 'select pg_sleep(0.005)'],
        }),
      );
      const results = await Promise.all([on.apply(migrations), on.apply(migrations), on.apply(migrations)]);
      expect(results.map(({ stop }) => stop)).not.toContain('failed');
      expect(results.reduce((sum, { applied }) => sum + applied, 0)).toBe(30);
      expect(await on.sql('select count(*) from a')).toEqual(['29']);
    });

    test('with a token that is not the lease’s changes nothing', async () => {
      expect(await on.apply([migrationOf(1, { up: ['create table a()'] })], { token: on.token - 1 })).toMatchObject({
        applied: 0,
        stop: 'lease',
        at: version(1),
      });
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
    });
  });

  describe('locks', () => {
    test('not had in time take the migration back as busy, without a failed event, and name the statement', async () => {
      await on.apply([migrationOf(1, { up: ['create table a()', 'create table b()'] })]);
      const other = await on.connect();
      await other.query('begin; lock table b');
      const result = await on.apply([migrationOf(2, { up: ['alter table a add x int', 'alter table b add x int'] })], {
        lockTimeoutMs: 60,
      });
      expect(result).toMatchObject({
        stop: 'busy',
        at: version(2),
        applied: 0,
        failure: { version: version(2), statement: 1, sqlstate: '55P03', phase: 'run' },
      });
      expect(await on.sql("select kind from lockkeeper.event where kind = 'failed'")).toEqual([]);
      expect(await on.sql("select attname from pg_attribute where attrelid = 'a'::regclass and attnum > 0")).toEqual(
        [],
      );
      await other.query('rollback');
      expect(
        await on.apply([migrationOf(2, { up: ['alter table a add x int', 'alter table b add x int'] })]),
      ).toMatchObject({ applied: 1, stop: null });
    });

    test('on the row a slower duplicate waits for answer busy, with nothing of the duplicate left', async () => {
      const slow = on.apply([migrationOf(1, { up: ['create table a()', 'select pg_sleep(0.5)'] })]);
      await pause(150);
      expect(await on.apply([migrationOf(1, { up: ['create table a()'] })], { lockTimeoutMs: 60 })).toMatchObject({
        stop: 'busy',
        failure: null,
      });
      expect(await slow).toMatchObject({ applied: 1 });
    });

    test('a row of a catalogue that somebody else changed meanwhile takes the migration back as busy', async () => {
      await on.apply([migrationOf(1, { up: ['create table a()'] })]);
      const other = await on.connect();
      await other.query('begin; grant select on a to public');
      const applying = on.apply([migrationOf(2, { up: ['grant insert on a to public'] })], { lockTimeoutMs: 5000 });
      const waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock')";
      await expect.poll(() => on.sql(waits)).toEqual([true]);
      await other.query('commit');
      expect(await applying).toMatchObject({ stop: 'busy', failure: { sqlstate: '40001', statement: 0 } });
      expect(await on.sql("select kind from lockkeeper.event where kind = 'failed'")).toEqual([]);
    });

    test('a deadlock takes the migration back as busy', async () => {
      await on.apply([migrationOf(1, { up: ['create table a()', 'create table b()'] })]);
      const other = await on.connect();
      await other.query('begin; lock table b; set local deadlock_timeout = 20000');
      const applying = on.apply(
        [
          migrationOf(2, {
            up: ["set local deadlock_timeout = '20ms'", 'lock table a', 'select pg_sleep(0.3)', 'lock table b'],
          }),
        ],
        { lockTimeoutMs: 5000 },
      );
      await pause(150);
      const crossed = other.query('lock table a');
      expect(await applying).toMatchObject({ stop: 'busy', failure: { sqlstate: '40P01', statement: 3 } });
      await crossed;
      await other.query('rollback');
    });
  });

  describe('what would fail at COMMIT or be found wrong afterwards', () => {
    const deferred = [
      'create table p(id int primary key)',
      'create table c(p int references p deferrable initially deferred)',
      'insert into c values (5)',
    ];

    test('a deferred constraint takes the migration back, with its claim', async () => {
      const result = await on.apply([migrationOf(1, { up: deferred })]);
      expect(result).toMatchObject({
        stop: 'failed',
        failure: { phase: 'constraints', sqlstate: '23503', table: 'c', constraint: 'c_p_fkey' },
      });
      expect(JSON.stringify(result)).not.toContain('(5)');
      expect(await on.sql('select version from lockkeeper.migration')).toEqual([]);
      expect(await on.sql("select to_regclass('p') is null")).toEqual([true]);
      expect(await on.sql("select detail->>'phase' from lockkeeper.event where kind = 'failed'")).toEqual([
        'constraints',
      ]);
    });

    test('a deferred constraint that holds in the end is fine', async () => {
      expect(await on.apply([migrationOf(1, { up: [...deferred, 'insert into p values (5)'] })])).toMatchObject({
        applied: 1,
        rows: 2,
      });
    });

    test.for([
      ['select false', 'the query answered false, expected one row with one true'],
      ['select null::boolean', 'the query answered null, expected one row with one true'],
      ['select true where false', 'the query answered no row, expected one row with one true'],
      [
        'select true from generate_series(1, 3)',
        'the query answered more than one row, expected one row with one true',
      ],
      ['select true, true', 'the query answered 2 columns, expected one row with one true'],
      ["select 'true'::text", 'the query answered a value that is no boolean, expected one row with one true'],
      ['select 1', 'the query answered a value that is no boolean, expected one row with one true'],
    ] as const)('the verify query `%s` takes the migration back', async ([query, message]) => {
      const result = await on.apply([migrationOf(1, { up: ['create table a()'], verify: ['select true', query] })]);
      expect(result).toMatchObject({
        stop: 'failed',
        failure: { phase: 'verify', statement: 1, sqlstate: 'LK001', message },
      });
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
    });

    test('verify queries see the migration under its own search path', async () => {
      const migration = migrationOf(1, {
        up: ['create schema app', 'set local search_path = app', 'create table a(i int)'],
        verify: ["select 'a'::regclass = 'app.a'::regclass"],
      });
      expect(await on.apply([migration])).toMatchObject({ applied: 1 });
    });
  });

  describe('a statement that is cancelled', () => {
    test('by an operator is a failure with its event, not a broken call', async () => {
      const applying = on.apply([migrationOf(1, { up: ['create table a()', 'select pg_sleep(20)'] })]);
      await pause(200);
      const active = await on.ledger.activity('first');
      expect(active).toHaveLength(1);
      expect(await on.ledger.cancel(active.map(({ pid }) => pid))).toBe(1);
      expect(await applying).toMatchObject({
        stop: 'failed',
        failure: { sqlstate: '57014', statement: 1, phase: 'run' },
      });
      expect(await on.sql("select detail->>'sqlstate' from lockkeeper.event where kind = 'failed'")).toEqual(['57014']);
    });

    test('by a failed ASSERT is a failure with its event', async () => {
      const result = await on.apply([migrationOf(1, { up: ["do 'begin assert false; end'"] })]);
      expect(result).toMatchObject({ stop: 'failed', failure: { sqlstate: 'P0004' } });
    });

    test('with its whole backend leaves nothing, and a repeat applies it', async () => {
      const migration = migrationOf(1, { up: ['create table a()', 'select pg_sleep(0.5)'] });
      const applying = on.apply([migration]);
      const refused = expect(applying).rejects.toMatchObject({ code: 'OutcomeUnknown' });
      await pause(200);
      await on.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '/* lockkeeper first%' and pid <> pg_backend_pid()",
      );
      await refused;
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
      expect(await on.apply([migration])).toMatchObject({ applied: 1 });
    });
  });

  describe('what a migration does to its session', () => {
    test('its search path holds for its own statements and for no other migration', async () => {
      const result = await on.apply([
        migrationOf(1, {
          up: [
            'create schema app',
            'set local search_path = app, public',
            'create table here()',
            "select set_config('search_path', 'app', false)",
            'create table there()',
          ],
        }),
        migrationOf(2, { up: ['create table everywhere()'] }),
      ]);
      expect(result.stop).toBe(null);
      expect(
        await on.sql(
          "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = relnamespace where relname like '%here' order by 1",
        ),
      ).toEqual(['app.here', 'app.there', 'public.everywhere']);
    });

    test('its search path cannot redirect our operators and functions', async () => {
      const result = await on.apply([
        migrationOf(1, {
          up: [
            'create schema evil',
            'create function evil.lie(text, text) returns boolean language sql as $$ select false $$',
            'create operator evil.= (function = evil.lie, leftarg = text, rightarg = text)',
            'create operator evil.<> (function = evil.lie, leftarg = text, rightarg = text)',
            'create function evil.cardinality(json[]) returns int language sql as $$ select 0 $$',
            'create function evil.clock_timestamp() returns timestamptz language sql as $$ select null::timestamptz $$',
            'set local search_path = evil, pg_catalog',
            'create table t()',
          ],
          verify: ['select true'],
        }),
      ]);
      expect(result).toMatchObject({ applied: 1, stop: null });
      expect(await on.sql('select total_ms > 0 and cardinality(rows) = 8 from lockkeeper.migration')).toEqual([true]);
    });

    test('settings it leaves behind are put back to what the session had', async () => {
      const mine = await openLedgerCase(server, ["set work_mem = '5MB'", "set statement_timeout = '20s'"], support);
      try {
        const result = await mine.apply([
          migrationOf(1, {
            up: [
              "set work_mem = '9MB'",
              'set lock_timeout = 12345',
              'reset statement_timeout',
              'set default_transaction_isolation = serializable',
              'set search_path = pg_catalog',
            ],
          }),
          migrationOf(2, {
            up: [
              "create table seen as select name, setting from pg_settings where name in ('work_mem', 'statement_timeout', 'default_transaction_isolation', 'search_path')",
            ],
          }),
        ]);
        expect(result.stop).toBe(null);
        expect(await mine.sql("select name || ' ' || setting from seen order by 1")).toEqual([
          'default_transaction_isolation read committed',
          'search_path "$user", public',
          'statement_timeout 20000',
          'work_mem 5120',
        ]);
        const rows = await mine.database.query(
          "SELECT current_setting('lock_timeout') || ' ' || current_setting('work_mem') AS v",
        );
        expect(rows[0]?.['v']).toBe('0 5MB');
      } finally {
        await mine.close();
      }
    });

    test('settings it leaves behind are reset where the session had set none', async () => {
      const result = await on.apply([
        migrationOf(1, {
          up: [
            "set work_mem = '9MB'",
            'set lock_timeout = 12345',
            'set search_path = pg_catalog',
            "select set_config('app.tenant', '7', false)",
          ],
        }),
        migrationOf(2, {
          up: [
            "create table seen as select name, current_setting(name, true) as setting from unnest(array['work_mem', 'search_path', 'app.tenant']) name",
          ],
        }),
      ]);
      expect(result.stop).toBe(null);
      expect(await on.sql("select name || ' ' || coalesce(setting, '') from seen order by 1")).toEqual([
        'app.tenant ',
        'search_path "$user", public',
        'work_mem 4MB',
      ]);
      const rows = await on.database.query(
        "SELECT current_setting('lock_timeout') || ' ' || current_setting('work_mem') AS v",
      );
      expect(rows[0]?.['v']).toBe('0 4MB');
    });

    test('its role and session authorization end with it', async () => {
      await on.sql('create role clerk; grant all on schema public to clerk');
      const result = await on.apply([
        migrationOf(1, { up: ['set role clerk', 'create table a()'] }),
        migrationOf(2, { up: ['set session authorization clerk', 'create table b()'] }),
        migrationOf(3, { up: ['create table c()'] }),
      ]);
      expect(result).toMatchObject({ applied: 3, stop: null });
      expect(
        await on.sql('select tableowner from pg_tables where tablename in ($$a$$, $$b$$, $$c$$) order by tablename'),
      ).toEqual(['clerk', 'clerk', 'postgres']);
      await on.sql('drop owned by clerk; drop role clerk');
    });

    test('advisory locks, listens, temporary tables and prepared statements are dropped', async () => {
      const result = await on.apply([
        migrationOf(1, {
          up: [
            'select pg_advisory_lock(7)',
            'listen news',
            'create temp table scratch(i int)',
            'prepare ready as select 1',
          ],
        }),
        migrationOf(2, { up: ['create temp table scratch(i int)', 'prepare ready as select 1'] }),
      ]);
      expect(result.stop).toBe(null);
      expect(await on.sql("select count(*) from pg_locks where locktype = 'advisory'")).toEqual(['0']);
    });

    test('an advisory lock of a failed migration is dropped, too', async () => {
      expect(await on.apply([migrationOf(1, { up: ['select pg_advisory_lock(7)', 'nonsense'] })])).toMatchObject({
        stop: 'failed',
      });
      expect(await on.sql("select count(*) from pg_locks where locktype = 'advisory'")).toEqual(['0']);
    });

    test.for([
      ['repeatable read', 'read write'],
      ['serializable', 'read only'],
    ])('the session’s defaults (%s, %s) do not reach our transactions, or are refused', async ([isolation, access]) => {
      const opened = openLedgerCase(
        server,
        [
          `set default_transaction_isolation = '${isolation}'`,
          `set default_transaction_read_only = ${access === 'read only'}`,
        ],
        support,
      );
      if (support !== 'procedures') return expect(opened).rejects.toMatchObject({ code: 'SessionUnfit' });
      const mine = await opened;
      try {
        expect(
          await mine.apply([
            migrationOf(1, {
              up: ["create table seen as select current_setting('transaction_isolation') as isolation"],
            }),
          ]),
        ).toMatchObject({ stop: null });
        expect(await mine.sql('select isolation from seen')).toEqual(['read committed']);
      } finally {
        await mine.close();
      }
    });
  });

  describe('a migration that works against the ledger', () => {
    test('is taken back when it removes its own row', async () => {
      const result = await on.apply([migrationOf(1, { up: ['create table a()', 'delete from lockkeeper.migration'] })]);
      expect(result).toMatchObject({
        stop: 'failed',
        failure: { phase: 'complete', sqlstate: 'LK002', message: 'the migration changed the ledger itself' },
      });
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
    });

    test.for(['token = 99', 'revision = 7'])('is taken back when it sets its own row to %s', async (change) => {
      expect(await on.apply([migrationOf(1, { up: [`update lockkeeper.migration set ${change}`] })])).toMatchObject({
        stop: 'failed',
        failure: { sqlstate: 'LK002' },
      });
      expect(await on.sql('select version from lockkeeper.migration')).toEqual([]);
    });

    test('cannot commit by itself', async () => {
      expect(await on.apply([migrationOf(1, { up: ['create table a()', 'commit'] })])).toMatchObject({
        stop: 'failed',
        failure: { sqlstate: '0A000' },
      });
      expect(await on.apply([migrationOf(1, { up: ['create table a()', "do 'begin commit; end'"] })])).toMatchObject({
        stop: 'failed',
        failure: { sqlstate: '2D000' },
      });
      expect(await on.sql("select to_regclass('a') is null")).toEqual([true]);
    });
  });

  describe('a destructive migration', () => {
    test('names the run’s snapshot and the instant just before it', async () => {
      const startedAt = '2025-01-01T00:00:00.000Z';
      await on.ledger.recordSnapshot({
        token: on.token,
        run: on.run,
        snapshot: { identifier: 'snap-run', arn: 'arn:snap', startedAt, version: null },
      });
      await on.ledger.recordSnapshot({
        token: on.token,
        run: on.run,
        snapshot: { identifier: 'snap-3', arn: 'arn:snap3', startedAt, version: version(3) },
      });
      await on.apply([
        migrationOf(1, { up: ['create table a()'] }),
        migrationOf(2, { up: ['drop table a'], loss: 'data' }),
        migrationOf(3, { up: ['select 1'], loss: 'unknown' }),
      ]);
      const entries = await on.ledger.entries();
      expect(entries.map(({ snapshot }) => snapshot)).toEqual([null, 'snap-run', 'snap-3']);
      expect(entries.map(({ instantBefore }) => instantBefore !== null)).toEqual([false, true, true]);
      expect(
        await on.sql('select instant_before <= applied_at from lockkeeper.migration where snapshot is not null'),
      ).toEqual([true, true]);
    });
  });
});
