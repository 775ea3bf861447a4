import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDataApi, type TestDataApi } from '../support/data-api.ts';

let it: TestDataApi;
beforeAll(async () => {
  it = await startTestDataApi();
  await execute("CREATE TYPE mood AS ENUM ('good', 'bad')");
});
afterAll(() => it.close());

const execute = (sql: string, more: object = {}) =>
  it.client.send(new ExecuteStatementCommand({ ...it.target, sql, ...more }));
const one = async (sql: string, more: object = {}) => (await execute(`SELECT ${sql}`, more)).records?.[0]?.[0];

test.each([
  ['true', { booleanValue: true }],
  ['CAST(7 AS int2)', { longValue: 7 }],
  ['7', { longValue: 7 }],
  ['CAST(9007199254740991 AS int8)', { longValue: 9_007_199_254_740_991 }],
  ['CAST(0.1 AS float4)', { doubleValue: 0.1 }],
  ['CAST(1e300 AS float8)', { doubleValue: 1e300 }],
  ["CAST('NaN' AS float8)", { doubleValue: Number.NaN }],
  ['1.50', { stringValue: '1.50' }],
  ["'text'", { stringValue: 'text' }],
  ["CAST('a' AS name)", { stringValue: 'a' }],
  ["CAST('b' AS char(3))", { stringValue: 'b  ' }],
  ["DATE '2026-01-02'", { stringValue: '2026-01-02' }],
  ["TIME '10:00:01.5'", { stringValue: '10:00:01.5' }],
  ["TIMESTAMP '2026-01-02 10:00:01.123456'", { stringValue: '2026-01-02 10:00:01.123456' }],
  ["TIMESTAMPTZ '2024-01-15 12:34:56+09'", { stringValue: '2024-01-15 03:34:56' }],
  ["CAST('6f1f7f3c-4a4b-4bb0-9d4a-0d5f1a2b3c4d' AS uuid)", { stringValue: '6f1f7f3c-4a4b-4bb0-9d4a-0d5f1a2b3c4d' }],
  ['CAST(\'{"b": [1]}\' AS jsonb)', { stringValue: '{"b": [1]}' }],
  ["CAST('\\x00ff' AS bytea)", { blobValue: new Uint8Array([0, 255]) }],
  ["CAST('good' AS mood)", { stringValue: 'good' }],
  ["CAST('10.0.0.1' AS inet)", { stringValue: '10.0.0.1' }],
  ['NULL', { isNull: true }],
  ['ARRAY[1, NULL, 3]', { arrayValue: { longValues: [1, null, 3] } }],
  ["ARRAY['a', 'b,c']", { arrayValue: { stringValues: ['a', 'b,c'] } }],
  ['ARRAY[true]', { arrayValue: { booleanValues: [true] } }],
])('%s', async (sql, field) => {
  expect(await one(sql)).toEqual(field);
});

test('a timestamptz is UTC whatever the time zone of the statement', async () => {
  await execute(
    `CREATE FUNCTION elsewhere() RETURNS timestamptz LANGUAGE plpgsql AS '
     begin perform set_config(''timezone'', ''Asia/Tokyo'', false); return ''2024-01-15 12:34:56.5+09''; end'`,
  );
  expect(await one('elsewhere()')).toEqual({ stringValue: '2024-01-15 03:34:56.5' });
});

test.each([
  ['CAST(\'a\' AS "char")', 'char'],
  ["INTERVAL '1 day'", 'interval'],
  ["CAST('<a/>' AS xml)", 'xml'],
  ["CAST('pg_class' AS regclass)", 'regclass'],
  ["CAST('int4' AS regtype)", 'regtype'],
  ["CAST('08:00:2b:01:02:03' AS macaddr)", 'macaddr'],
  ["CAST('[2026-01-01,2026-01-02)' AS daterange)", 'daterange'],
  ["CAST('(1,2)' AS point)", 'point'],
  ["CAST('1' AS money)", 'money'],
])('%s fails the whole query', async (sql, type) => {
  await expect(one(`1, ${sql}`)).rejects.toMatchObject({
    name: 'UnsupportedResultException',
    message: `The result contains the unsupported data type ${type}`,
  });
  await expect(it.db.query(`SELECT ${sql} AS it`)).rejects.toMatchObject({ code: 'ResultUnsupported' });
});

test('a column of an unsupported type without rows is no failure', async () => {
  expect((await execute("SELECT INTERVAL '1 day' WHERE false")).records).toEqual([]);
});

test('a two-dimensional array is refused', async () => {
  await expect(one('ARRAY[[1],[2]]')).rejects.toMatchObject({
    message: 'The result contains a multidimensional array',
  });
});

test.each(["TIMESTAMP 'infinity'", "TIMESTAMPTZ '-infinity'", "DATE 'infinity'"])(
  '%s is a bare InternalFailure',
  async (sql) => {
    await expect(one(sql)).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
  },
);

test('the statement of a result that cannot be shown ran all the same', async () => {
  await execute('CREATE TABLE unshown (i interval)');
  await expect(execute("INSERT INTO unshown VALUES ('1 day') RETURNING i")).rejects.toMatchObject({
    name: 'UnsupportedResultException',
  });
  expect(await one('count(*) FROM unshown')).toEqual({ longValue: 1 });
});

test('a result over 1 MiB and a row over 64 KB are refused; the statement ran', async () => {
  await execute('CREATE TABLE wide (t text)');
  await expect(
    execute("INSERT INTO wide SELECT repeat('x', 60000) FROM generate_series(1, 20) RETURNING t"),
  ).rejects.toMatchObject({ name: 'UnsupportedResultException', message: 'The result exceeds the size limit 1 MB' });
  expect(await one('count(*) FROM wide')).toEqual({ longValue: 20 });
  await expect(one("repeat('x', 65537)")).rejects.toMatchObject({ name: 'UnsupportedResultException' });
  await one("repeat('x', 65536)");
});

test('a request over 4 MiB is refused', async () => {
  await expect(
    execute('SELECT length(:p)', { parameters: [{ name: 'p', value: { stringValue: 'x'.repeat(4 * 1024 * 1024) } }] }),
  ).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
  const p = 'x'.repeat(4 * 1024 * 1024 - 9000);
  expect(await it.db.query('SELECT length(:p) AS n', { p })).toEqual([{ n: 4_185_304 }]);
});

test('numberOfRecordsUpdated counts DML, generatedFields is empty', async () => {
  await execute('CREATE TABLE counted (a int)');
  const made = await execute('INSERT INTO counted SELECT generate_series(1, 3)');
  expect([made.numberOfRecordsUpdated, made.generatedFields, made.records]).toEqual([3, [], undefined]);
  expect((await execute('UPDATE counted SET a = 0 WHERE a > 1')).numberOfRecordsUpdated).toBe(2);
  expect((await execute('SELECT * FROM counted')).numberOfRecordsUpdated).toBe(0);
});

test('formatRecordsAs JSON', async () => {
  const { formattedRecords, records } = await execute(
    "SELECT 1 AS a, 'x\"y' AS b, NULL AS c, ARRAY[1,2] AS d, 1.5 AS e",
    { formatRecordsAs: 'JSON' },
  );
  expect(records).toBeUndefined();
  expect(JSON.parse(formattedRecords!)).toEqual([{ a: 1, b: 'x"y', c: null, d: [1, 2], e: '1.5' }]);
});

test('resultSetOptions', async () => {
  const resultSetOptions = { decimalReturnType: 'DOUBLE_OR_LONG', longReturnType: 'STRING' };
  expect((await execute('SELECT 1.5, 2::numeric, 3', { resultSetOptions })).records?.[0]).toEqual([
    { doubleValue: 1.5 },
    { longValue: 2 },
    { stringValue: '3' },
  ]);
});

test('the adapter gives rows by column name, and refuses what a cell cannot hold', async () => {
  expect(await it.db.query("SELECT 1 AS a, 'x' AS b, NULL AS c, true AS d, 0.5::float8 AS e")).toEqual([
    { a: 1, b: 'x', c: null, d: true, e: 0.5 },
  ]);
  expect(await it.db.query('SELECT 1 AS a WHERE false')).toEqual([]);
  expect(await it.db.query('CREATE TABLE nothing ()')).toEqual([]);
  for (const sql of ['SELECT ARRAY[1] AS a', "SELECT '\\x00'::bytea AS a", 'SELECT 9007199254740992 AS a'])
    await expect(it.db.query(sql)).rejects.toMatchObject({ code: 'ResultUnsupported' });
});
