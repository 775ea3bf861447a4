import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LedgerCase, migrationOf, openLedgerCase, procedureSupports } from '../support/ledger-case.ts';
import { messageCases } from '../support/message-cases.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';

let server: TestServer;
let on: LedgerCase;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  on = await openLedgerCase(server);
});
afterEach(() => on.close());

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
    expect(await on.sql("select detail->>'message' from lockkeeper.event where kind = 'failed'")).toEqual([message]);
  });
});
