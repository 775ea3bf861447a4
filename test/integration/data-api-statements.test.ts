import {
  BatchExecuteStatementCommand,
  ExecuteSqlCommand,
  ExecuteStatementCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionState } from '../../lib/local/data-api/index.ts';
import { startTestDataApi, type TestDataApi } from '../support/data-api.ts';

let it: TestDataApi;
beforeAll(async () => {
  it = await startTestDataApi({ seed: 7 });
});
afterAll(() => it.close());

const execute = (sql: string, more: object = {}) =>
  it.client.send(new ExecuteStatementCommand({ ...it.target, sql, ...more }));
const one = async (sql: string, parameters: SqlParameter[] = []) =>
  (await execute(sql, { parameters })).records?.[0]?.[0];

const hint = (typeHint: string, value: SqlParameter['value']) =>
  one('SELECT :p', [{ name: 'p', typeHint: typeHint as 'DATE', value }]);

const insertBatch = (...values: number[]) =>
  it.client.send(
    new BatchExecuteStatementCommand({
      ...it.target,
      sql: 'INSERT INTO batch VALUES (CAST(:a AS int))',
      parameterSets: values.map((value) => [{ name: 'a', value: { longValue: value } }]),
    }),
  );

describe('statements', () => {
  test('a procedure that commits inside CALL gives back its INOUT row', async () => {
    await it.db.query('CREATE TABLE done (step text)');
    await it.db.query(
      `CREATE PROCEDURE apply(steps jsonb, INOUT result jsonb) LANGUAGE plpgsql AS '
       declare s text;
       begin
         for s in select * from jsonb_array_elements_text(steps) loop
           insert into done values (s);
           commit;
           if s = ''c'' then raise exception ''no c''; end if;
         end loop;
         result := jsonb_build_object(''count'', jsonb_array_length(steps));
       end'`,
    );
    expect(await it.db.query('/* run */ CALL apply(CAST(:steps AS jsonb), NULL)', { steps: '["a","b"]' })).toEqual([
      { result: '{"count": 2}' },
    ]);
    await expect(it.db.query('CALL apply(CAST(:steps AS jsonb), NULL)', { steps: '["c"]' })).rejects.toMatchObject({
      code: 'StatementFailed',
      details: { sqlstate: 'P0001' },
    });
    expect(await it.db.query('SELECT count(*) AS n FROM done')).toEqual([{ n: 3 }]);
  });

  test('several statements in one call are refused before the first runs', async () => {
    await expect(execute('CREATE TABLE several (); SELECT 1')).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Multistatements aren't supported.",
    });
    expect(await it.db.query("SELECT to_regclass('several')::text AS found")).toEqual([{ found: null }]);
    await execute('SELECT 1;');
  });

  test('what cannot run in a transaction runs', async () => {
    await execute('CREATE TABLE built (a int)');
    await execute('CREATE INDEX CONCURRENTLY built_a ON built (a)');
    await execute('VACUUM built');
    expect(await it.db.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'built_a'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  test('a deferred constraint that fails at the commit of an autocommitted statement is an error', async () => {
    await execute('CREATE TABLE parent (id int PRIMARY KEY)');
    await execute('CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)');
    await expect(it.db.query('INSERT INTO child VALUES (1)')).rejects.toMatchObject({ details: { sqlstate: '23503' } });
  });

  test('the schema parameter is refused', async () => {
    await expect(execute('SELECT 1', { schema: 'public' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test.each([
    ['COPY done FROM STDIN', 'execute: unexpected message: CopyInResponse'],
    ['COPY done TO STDOUT', 'execute: unexpected message: CopyOutResponse'],
  ])('%s fails', async (sql, message) => {
    await expect(execute(sql)).rejects.toMatchObject({ name: 'DatabaseErrorException', message });
    expect(await one('SELECT 1')).toEqual({ longValue: 1 });
  });

  test('LISTEN is accepted', async () => {
    expect((await execute('LISTEN nothing')).numberOfRecordsUpdated).toBe(0);
  });

  test('ALTER SYSTEM is not passed on', async () => {
    for (const sql of ["ALTER SYSTEM SET work_mem = '1GB'", '/* a */ -- b\n alter system reset all'])
      await expect(execute(sql)).rejects.toMatchObject({ name: 'NotImitatedException' });
  });

  test('an empty statement is answered by an error that says that nothing is known', async () => {
    await expect(execute('-- nothing')).rejects.toMatchObject({ name: 'NotImitatedException' });
  });

  test('the deprecated ExecuteSql is answered by an error that says so', async () => {
    const asked = it.client.send(
      new ExecuteSqlCommand({
        dbClusterOrInstanceArn: it.target.resourceArn,
        awsSecretStoreArn: it.target.secretArn,
        sqlStatements: 'SELECT 1',
      }),
    );
    await expect(asked).rejects.toMatchObject({
      name: 'NotImitatedException',
      message: 'the local Data API does not imitate POST /ExecuteSql',
    });
  });

  test('a request without a signature is refused', async () => {
    const reply = await fetch(`${it.api.url}/Execute`, { method: 'POST', body: '{}' });
    expect([reply.status, reply.headers.get('x-amzn-errortype')]).toEqual([403, 'MissingAuthenticationTokenException']);
  });
});

describe('session state outside a transaction', () => {
  test('which session a call meets is left to chance', async () => {
    const met: unknown[] = [];
    for (let call = 0; call < 24; call += 1) met.push((await it.db.query('SELECT pg_backend_pid() AS pid'))[0]!['pid']);
    expect(new Set(met).size).toBeGreaterThan(1);
    expect(met.some((pid, call) => pid === met[call + 1])).toBe(true);
  });

  /** What is left behind, and how the next call looks for it. */
  const left = {
    set: ["SET application_name = 'left'", "current_setting('application_name') = 'left'"],
    set_config: ["SELECT set_config('work_mem', '7MB', false)", "current_setting('work_mem') = '7MB'"],
    temporary: ['CREATE TEMP TABLE IF NOT EXISTS left_over ()', "to_regclass('left_over') IS NOT NULL"],
    lock: [
      'SELECT pg_try_advisory_lock(1)',
      "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())",
    ],
    block: ["DO 'begin set temp_buffers = 900; end'", "current_setting('temp_buffers') = '7200kB'"],
  } as const;
  const look = `SELECT ${Object.entries(left)
    .map(([name, [, found]]) => `${found} AS ${name}`)
    .join(', ')}`;
  /** By kind what 16 calls found, each after one that left it. */
  const foundWith = async (sessionState: SessionState, seed: number) => {
    const api = await startTestDataApi({ sessionState, seed }, it.postgres);
    const found: Record<string, unknown[]> = {};
    for (let round = 0; round < 16; round += 1) {
      for (const [leave] of Object.values(left)) await api.db.query(leave);
      for (const [name, value] of Object.entries((await api.db.query(look))[0]!)) (found[name] ??= []).push(value);
    }
    await api.close();
    return found;
  };

  test('what a call leaves is found by the next one or not, the same with the same seed', async () => {
    const found = await foundWith('chance', 3);
    for (const [name, values] of Object.entries(found))
      expect([name, new Set(values)]).toEqual([name, new Set([true, false])]);
    expect(await foundWith('chance', 3)).toEqual(found);
    expect(await foundWith('chance', 4)).not.toEqual(found);
  });

  test('where sessionState is lost, nothing that a call leaves is found', async () => {
    const never = Array<boolean>(16).fill(false);
    const nothing = { set: never, set_config: never, temporary: never, lock: never, block: never };
    expect(await foundWith('lost', 3)).toEqual(nothing);
  });

  test('where sessionState is kept, whoever meets the session finds what was left', async () => {
    const found = await foundWith('kept', 3);
    for (const [name, values] of Object.entries(found))
      expect([name, values.at(-1)]).toEqual([name, name !== 'lock' || values.at(-1)]);
  });

  test('a name that was prepared is there or not', async () => {
    const api = await startTestDataApi({ seed: 5 }, it.postgres);
    const ends: string[] = [];
    for (let call = 0; call < 16; call += 1) {
      await api.db.query('PREPARE again AS SELECT 1').catch(() => undefined);
      ends.push(
        await api.db.query('EXECUTE again').then(
          () => 'there',
          ({ details }: { details: { sqlstate: string } }) => details.sqlstate,
        ),
      );
    }
    await api.close();
    expect(new Set(ends)).toEqual(new Set(['there', '26000']));
  });

  test('BEGIN opens nothing that the next call is in', async () => {
    await execute('BEGIN');
    await execute('CREATE TABLE begun ()');
    await execute('ROLLBACK');
    expect(await it.db.query("SELECT to_regclass('begun')::text AS found")).toEqual([{ found: 'begun' }]);
  });

  test('sessions speak UTC', async () => {
    expect(await one("SELECT current_setting('TimeZone')")).toEqual({ stringValue: 'UTC' });
  });
});

describe('parameters', () => {
  test('a string comes as text, an integer as bigint', async () => {
    expect(await one('SELECT pg_typeof(:s)::text', [{ name: 's', value: { stringValue: 'x' } }])).toEqual({
      stringValue: 'text',
    });
    expect(await one('SELECT pg_typeof(:n)::text', [{ name: 'n', value: { longValue: 1 } }])).toEqual({
      stringValue: 'bigint',
    });
    await expect(
      execute('SELECT 1 WHERE 1 = :s', { parameters: [{ name: 's', value: { stringValue: '1' } }] }),
    ).rejects.toMatchObject({ message: expect.stringContaining('SQLState: 42883') as string });
  });

  test.each([
    ['DATE', '2026-01-02', 'date'],
    ['DECIMAL', '1.50', 'numeric'],
    ['JSON', '{"a":1}', 'json'],
    ['TIME', '10:00:00', 'time without time zone'],
    ['TIMESTAMP', '2026-01-02 10:00:00', 'timestamp without time zone'],
    ['UUID', '6f1f7f3c-4a4b-4bb0-9d4a-0d5f1a2b3c4d', 'uuid'],
  ] as const)('type hint %s', async (typeHint, stringValue, type) => {
    expect(await one('SELECT pg_typeof(:p)::text', [{ name: 'p', typeHint, value: { stringValue } }])).toEqual({
      stringValue: type,
    });
  });

  test('null, boolean, double and bytes', async () => {
    expect(await one('SELECT :p', [{ name: 'p', value: { isNull: true } }])).toEqual({ isNull: true });
    expect(await one('SELECT :p', [{ name: 'p', value: { booleanValue: true } }])).toEqual({ booleanValue: true });
    expect(await one('SELECT :p', [{ name: 'p', value: { doubleValue: 0.5 } }])).toEqual({ doubleValue: 0.5 });
    expect(await one('SELECT :p', [{ name: 'p', value: { blobValue: new Uint8Array([0, 255]) } }])).toEqual({
      blobValue: new Uint8Array([0, 255]),
    });
  });

  test('a hint that is none is refused, and one beside a number is not guessed at', async () => {
    await expect(hint('YEAR', { stringValue: '2026' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(hint('DATE', { longValue: 1 })).rejects.toMatchObject({ name: 'NotImitatedException' });
    await expect(hint('DATE', { stringValue: 'soon' })).rejects.toMatchObject({
      message: expect.stringContaining('SQLState: 22007') as string,
    });
  });

  test('arrays are refused', async () => {
    await expect(
      execute('SELECT :p', { parameters: [{ name: 'p', value: { arrayValue: { longValues: [1] } } }] }),
    ).rejects.toMatchObject({ name: 'ValidationException', message: 'Array parameters are not supported.' });
  });

  test('a value is never scanned and does not count as SQL', async () => {
    const value = `$$ :a $1 ${'x'.repeat(100_000)} $$`;
    expect((await it.db.query('SELECT length(:p) AS n, left(:p, 9) AS head', { p: value }))[0]).toEqual({
      n: 100_012,
      head: '$$ :a $1 ',
    });
  });

  test('more than 65,536 characters of SQL are refused', async () => {
    await expect(execute(`SELECT ${'1'.repeat(65_530)}`)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('a batch whose statement returns rows is not imitated', async () => {
    const batch = new BatchExecuteStatementCommand({ ...it.target, sql: 'SELECT 1', parameterSets: [] });
    await expect(it.client.send(batch)).rejects.toMatchObject({ name: 'NotImitatedException' });
  });

  test('a batch runs its statement for each set, all or none', async () => {
    await execute('CREATE TABLE batch (a int PRIMARY KEY)');
    expect((await insertBatch(1, 2)).updateResults).toHaveLength(2);
    await expect(insertBatch(3, 1)).rejects.toMatchObject({ name: 'DatabaseErrorException' });
    expect(await one('SELECT sum(a) FROM batch')).toEqual({ longValue: 3 });
  });
});

describe('the :name scanner', () => {
  test('a name in dollar quotes is replaced without a word, though no parameter is sent', async () => {
    expect(await one('SELECT $$a :b c$$')).toEqual({ stringValue: 'a $1 c' });
  });

  test('backslashes do not escape and comments do not nest for the scanner', async () => {
    await expect(execute("SELECT E'\\'', :a'")).rejects.toMatchObject({
      message: expect.stringMatching(/SQLState: 42601|SQLState: 08P01|Multistatements/) as string,
    });
    expect(await one("SELECT E'it\\'s :a'")).toEqual({ stringValue: "it's $1" });
    expect(await one("SELECT '1' /* a /* b */ :c */")).toEqual({ stringValue: '1' });
  });

  test('an array slice is a syntax error', async () => {
    await expect(execute("SELECT (CAST('{1,2}' AS int[]))[1:2]")).rejects.toMatchObject({
      message: expect.stringContaining('syntax error at or near "$1"') as string,
    });
  });

  test('single quotes, double quotes, comments and casts are left alone', async () => {
    expect(
      await one(`SELECT ':a' || ':b''' || x."c:d" /* :e */ -- :f
        || 1::text FROM (SELECT 'y' AS "c:d") x`),
    ).toEqual({ stringValue: ":a:b'y1" });
  });

  test('a name used twice is one parameter', async () => {
    expect(
      await one('SELECT :a || :b || :a', [
        { name: 'b', value: { stringValue: 'B' } },
        { name: 'a', value: { stringValue: 'A' } },
      ]),
    ).toEqual({ stringValue: 'ABA' });
  });

  test('a name without a value is left to PostgreSQL when none is sent, and not guessed when some are', async () => {
    await expect(execute('SELECT CAST(:a AS int)')).rejects.toMatchObject({
      message: expect.stringContaining('SQLState: 08P01') as string,
    });
    await expect(
      execute('SELECT :a, :b', { parameters: [{ name: 'a', value: { stringValue: '' } }] }),
    ).rejects.toMatchObject({ name: 'NotImitatedException' });
  });
});
