import {
  BeginTransactionCommand,
  type ColumnMetadata,
  ExecuteStatementCommand,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDataApi, type TestDataApi } from '../support/data-api.ts';

let it: TestDataApi;
beforeAll(async () => {
  it = await startTestDataApi();
});
afterAll(() => it.close());

const execute = (sql: string, more: object = {}) =>
  it.client.send(new ExecuteStatementCommand({ ...it.target, sql, includeResultMetadata: true, ...more }));
const metadata = async (sql: string): Promise<ColumnMetadata[]> => (await execute(sql)).columnMetadata ?? [];

test('the metadata of a table is the one that was recorded from a real cluster', async () => {
  await execute(
    `CREATE TABLE recorded (id SERIAL, a_name TEXT, doc JSONB DEFAULT '{}', num_numeric NUMERIC (10, 5) DEFAULT 0.0, num_float float,
       num_integer integer, ts TIMESTAMP WITH TIME ZONE, field_boolean BOOLEAN NULL, tz_notimezone TIMESTAMP, a_date DATE)`,
  );
  // https://github.com/get-carefull/data-api-mapper-js has the whole reply, of 2021
  const rest = { arrayBaseColumnType: 0, isCurrency: false, schemaName: '', tableName: 'recorded' };
  const column = (
    name: string,
    [typeName, type]: readonly [string, number],
    [precision, scale]: readonly [number, number],
    { counts = false, caseSensitive = false, signed = false, nullable = 1 } = {},
  ) => ({
    ...rest,
    isAutoIncrement: counts,
    isCaseSensitive: caseSensitive,
    isSigned: signed,
    label: name,
    name,
    nullable,
    precision,
    scale,
    type,
    typeName,
  });
  expect(await metadata('SELECT * FROM recorded')).toEqual([
    column('id', ['serial', 4], [10, 0], { counts: true, signed: true, nullable: 0 }),
    column('a_name', ['text', 12], [2_147_483_647, 0], { caseSensitive: true }),
    column('doc', ['jsonb', 1111], [2_147_483_647, 0], { caseSensitive: true }),
    column('num_numeric', ['numeric', 2], [10, 5], { signed: true }),
    column('num_float', ['float8', 8], [17, 17], { signed: true }),
    column('num_integer', ['int4', 4], [10, 0], { signed: true }),
    column('ts', ['timestamptz', 93], [35, 6]),
    column('field_boolean', ['bool', -7], [1, 0]),
    column('tz_notimezone', ['timestamp', 93], [29, 6]),
    column('a_date', ['date', 91], [13, 0]),
  ]);
});

test('an expression has no table, and may be null', async () => {
  expect(await metadata('SELECT 1 + 1 AS sum')).toEqual([
    {
      arrayBaseColumnType: 0,
      isAutoIncrement: false,
      isCaseSensitive: false,
      isCurrency: false,
      isSigned: true,
      label: 'sum',
      name: 'sum',
      nullable: 1,
      precision: 10,
      scale: 0,
      schemaName: '',
      tableName: '',
      type: 4,
      typeName: 'int4',
    },
  ]);
});

test('lengths, seconds and identities of columns that were not recorded are by the rules of the JDBC driver', async () => {
  await execute('CREATE DOMAIN given AS text NOT NULL');
  await execute(
    `CREATE TABLE unrecorded (v varchar(20), u varchar, c char(3), s timestamp(0), m timestamptz(3), t time(1), n numeric, f float4,
       b bigint GENERATED ALWAYS AS IDENTITY, i smallserial, d given, a int[])`,
  );
  const shown = (await metadata('SELECT * FROM unrecorded')).map((column) => [
    column.name,
    column.typeName,
    column.precision,
    column.scale,
    column.nullable,
    column.arrayBaseColumnType,
  ]);
  expect(shown).toEqual([
    ['v', 'varchar', 20, 0, 1, 0],
    ['u', 'varchar', 2_147_483_647, 0, 1, 0],
    ['c', 'bpchar', 3, 0, 1, 0],
    ['s', 'timestamp', 22, 0, 1, 0],
    ['m', 'timestamptz', 32, 3, 1, 0],
    ['t', 'time', 11, 1, 1, 0],
    ['n', 'numeric', 0, 0, 1, 0],
    ['f', 'float4', 8, 8, 1, 0],
    ['b', 'bigserial', 19, 0, 0, 0],
    ['i', 'smallserial', 5, 0, 0, 0],
    ['d', 'text', 2_147_483_647, 0, 0, 0],
    ['a', '_int4', 10, 0, 1, 4],
  ]);
});

test('a table that a transaction has just made has its metadata in there', async () => {
  const { transactionId } = await it.client.send(new BeginTransactionCommand(it.target));
  await execute('CREATE TABLE fresh (a int NOT NULL)', { transactionId });
  const { columnMetadata } = await execute('SELECT a FROM fresh', { transactionId });
  expect([columnMetadata?.[0]?.tableName, columnMetadata?.[0]?.nullable]).toEqual(['fresh', 0]);
  const { resourceArn, secretArn } = it.target;
  await it.client.send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId }));
});

test('columnMetadata comes only when asked for, and not with formatRecordsAs JSON', async () => {
  expect((await execute('SELECT 1 AS a', { includeResultMetadata: false })).columnMetadata).toBeUndefined();
  const formatted = await execute('SELECT 1 AS a', { formatRecordsAs: 'JSON' });
  expect([formatted.columnMetadata, formatted.formattedRecords]).toEqual([undefined, '[{"a":1}]']);
});

test('without rows a column of an unsupported type has its metadata', async () => {
  const { columnMetadata, records } = await execute(
    `SELECT CAST('a' AS "char") AS c, INTERVAL '1 day' AS i, CAST('1' AS money) AS m WHERE false`,
  );
  expect(records).toEqual([]);
  expect(columnMetadata?.map(({ typeName, type, isCurrency }) => [typeName, type, isCurrency])).toEqual([
    ['char', 1111, false],
    ['interval', 1111, false],
    ['money', 1111, true],
  ]);
});

test('a vector is documented, but how it is shown is not, so it is not imitated', async () => {
  await execute('CREATE TYPE vector');
  await execute("CREATE FUNCTION vector_in(cstring) RETURNS vector LANGUAGE internal IMMUTABLE STRICT AS 'textin'");
  await execute("CREATE FUNCTION vector_out(vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'");
  await execute('CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out)');
  await expect(execute("SELECT CAST('[1,2]' AS vector)")).rejects.toMatchObject({
    name: 'NotImitatedException',
    message: 'the local Data API does not imitate a column of the type vector',
  });
  expect((await execute("SELECT CAST('[1,2]' AS vector)::text")).records).toBeDefined();
});
