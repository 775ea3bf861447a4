import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RDSDataClient,
} from '@aws-sdk/client-rds-data';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DataApiRequest, Disturbance } from '../../lib/local/data-api/index.ts';
import { resourceArn, secretArn, startTestDataApi, testAws, type TestDataApi } from '../support/data-api.ts';
import { signedPost } from '../support/signed-post.ts';

let it: TestDataApi;
let onRequest: (request: DataApiRequest) => 'pass' | Disturbance = () => 'pass';
beforeAll(async () => {
  it = await startTestDataApi({ onRequest: (request) => onRequest(request) });
  await it.db.query('CREATE TABLE ran (a int UNIQUE)');
});
afterEach(async () => {
  onRequest = () => 'pass';
  await it.db.query('TRUNCATE ran');
});
afterAll(async () => {
  await it.close();
});

const execute = (sql: string, more: object = {}) =>
  signedPost(it.api.url, '/Execute', JSON.stringify({ ...it.target, sql, ...more }));
const refused = (errorType: string, body: string, status = 400) => ({ status, errorType, body, hasRequestId: true });

const asked = async (more: object) => {
  const found = await execute('SELECT 1', more);
  return [found.errorType, (JSON.parse(found.body) as { message?: string }).message];
};
const asItComes = () => new RDSDataClient({ ...testAws, endpoint: it.api.url });

describe('replies', () => {
  test('a success has no error type, and a request id', async () => {
    expect(await execute('SELECT 1 AS a')).toEqual({
      status: 200,
      errorType: null,
      body: '{"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]],"generatedFields":[]}',
      hasRequestId: true,
    });
  });

  test('an error’s name is in x-amzn-errortype, its text in the body’s message', async () => {
    expect(await execute('SELECT a FROM nowhere')).toEqual(
      refused(
        'DatabaseErrorException',
        '{"message":"ERROR: relation \\"nowhere\\" does not exist; Position: 15; SQLState: 42P01"}',
      ),
    );
  });

  test.each([
    ['failed-before', 500, 'InternalFailure'],
    ['failed-after', 500, 'InternalServerErrorException'],
    ['unavailable', 503, 'ServiceUnavailableError'],
    ['writer-missing', 504, 'DatabaseUnavailableException'],
  ] as const)('%s is %i %s without a body', async (fault, status, name) => {
    onRequest = () => ({ fault });
    expect(await execute('SELECT 1')).toEqual(refused(name, '', status));
  });

  test('a timeout’s body carries dbConnectionId', async () => {
    onRequest = () => ({ fault: 'timed-out-cancelled' });
    const found = await execute('SELECT 1');
    expect([found.errorType, JSON.parse(found.body)]).toEqual([
      'StatementTimeoutException',
      { message: 'Request timed out', dbConnectionId: expect.any(Number) as number },
    ]);
  });

  test('the fields of PostgreSQL’s error stand in a row, detail, hint, where and position before the SQLSTATE', async () => {
    await execute('INSERT INTO ran VALUES (1)');
    const message = async (sql: string) => (JSON.parse((await execute(sql)).body) as { message: string }).message;
    const unique = await message('INSERT INTO ran VALUES (1)');
    const where = await message("DO 'begin raise exception ''no''; end'");
    const hint = await message("SELECT 1 WHERE 1 = CAST('1' AS text)");
    expect([unique, where, hint]).toEqual([
      'ERROR: duplicate key value violates unique constraint "ran_a_key"; Detail: Key (a)=(1) already exists.; SQLState: 23505',
      'ERROR: no; Where: PL/pgSQL function inline_code_block line 1 at RAISE; SQLState: P0001',
      'ERROR: operator does not exist: integer = text; Hint: No operator matches the given name and argument types. You might need to add explicit type casts.; Position: 18; SQLState: 42883',
    ]);
  });
});

describe('requests', () => {
  test.each([
    [
      { formatRecordsAs: 'CSV' },
      'ValidationException',
      "1 validation error detected: Value at 'formatRecordsAs' failed to satisfy constraint: Member must satisfy enum value set: [NONE, JSON]",
    ],
    [
      { resultSetOptions: { longReturnType: 'NUMBER' } },
      'ValidationException',
      "1 validation error detected: Value at 'longReturnType' failed to satisfy constraint: Member must satisfy enum value set: [STRING, LONG]",
    ],
    [
      { database: 'd'.repeat(65) },
      'ValidationException',
      "1 validation error detected: Value at 'database' failed to satisfy constraint: Member must have length less than or equal to 64",
    ],
    [
      { secretArn: 'short' },
      'ValidationException',
      "1 validation error detected: Value at 'secretArn' failed to satisfy constraint: Member must have length greater than or equal to 11",
    ],
    [{ schema: 'public' }, 'ValidationException', 'The schema parameter is not supported.'],
  ])('%j is refused', async (more, name, message) => {
    expect(await asked(more)).toEqual([name, message]);
  });

  test.each([
    [{ parameters: [{ name: 'p', value: { stringValue: 'x' } }] }, 'a parameter that the statement does not name: p'],
    [
      { sql: 'SELECT :p', parameters: [1, 2].map((longValue) => ({ name: 'p', value: { longValue } })) },
      'two parameters of one name',
    ],
    [{ sql: '' }, 'an empty statement'],
    [{ sql: "ALTER SYSTEM SET work_mem = '1GB'" }, 'ALTER SYSTEM'],
  ])('%j is not guessed at', async (more, what) => {
    expect(await asked(more)).toEqual(['NotImitatedException', `the local Data API does not imitate ${what}`]);
  });

  test('a body that is no JSON, or has members of another type, is refused', async () => {
    const sent = JSON.stringify({ ...it.target, sql: 'SELECT 1' });
    const said = async (body: string) => {
      const { errorType, body: text } = await signedPost(it.api.url, '/Execute', body);
      return [errorType, (JSON.parse(text) as { message: string }).message];
    };
    expect(await said('nonsense')).toEqual(['SerializationException', 'the body is not JSON']);
    expect(await said('[]')).toEqual(['SerializationException', 'the body is not a JSON object']);
    expect(await said(sent.replace('}', ',"parameters":{}}'))).toEqual([
      'SerializationException',
      'the member parameters is of another type',
    ]);
    expect(await said(sent.replace('}', ',"fetchSize":1}'))).toEqual([
      'NotImitatedException',
      'the local Data API does not imitate the member fetchSize of ExecuteStatement',
    ]);
  });
});

describe('the SDK as it comes', () => {
  test.each(['reply-lost', 'failed-after'] as const)(
    'sends a statement again after %s: it runs twice and is reported once',
    async (fault) => {
      let struck = false;
      onRequest = ({ sql }) => (sql.startsWith('INSERT') && !struck ? ((struck = true), { fault }) : 'pass');
      const sdk = asItComes();
      const done = await sdk.send(
        new ExecuteStatementCommand({ ...it.target, sql: 'INSERT INTO ran SELECT coalesce(max(a), 0) + 1 FROM ran' }),
      );
      sdk.destroy();
      expect([done.numberOfRecordsUpdated, await it.db.query('SELECT count(*) AS n FROM ran')]).toEqual([
        1,
        [{ n: 2 }],
      ]);
    },
  );

  test('sends a commit again after a lost reply, and reports what was committed as not found', async () => {
    const { transactionId } = await it.client.send(new BeginTransactionCommand(it.target));
    await execute('INSERT INTO ran VALUES (7)', { transactionId });
    let struck = false;
    onRequest = ({ operation }) =>
      operation === 'CommitTransaction' && !struck ? ((struck = true), { fault: 'reply-lost' }) : 'pass';
    const sdk = asItComes();
    await expect(
      sdk.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId })),
    ).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    sdk.destroy();
    expect(await it.db.query('SELECT a FROM ran')).toEqual([{ a: 7 }]);
  });
});
