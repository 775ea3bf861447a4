import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDataApiClient, type DataApiCall, dataApiDatabase } from '../../lib/dataapi/index.ts';
import type { LockkeeperError } from '../../lib/errors/index.ts';
import { resourceArn, secretArn, testAws } from '../support/data-api.ts';

// A server that answers what a test says: each row of the error table, as the real client reads it.
type Answer = { status: number; type?: string; body?: string } | 'close' | 'silence';
let answer: Answer = 'close';
let requests = 0;
let server: Server;
const calls: DataApiCall[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    request.resume().on('end', () => {
      if (answer === 'silence') return;
      if (answer === 'close') return void request.socket.destroy();
      response.writeHead(answer.status, answer.type === undefined ? {} : { 'x-amzn-errortype': answer.type });
      response.end(answer.body ?? '');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  requests = 0;
  calls.length = 0;
});

const database = (requestTimeoutMs = 60_000) =>
  dataApiDatabase({
    client: createDataApiClient({
      ...testAws,
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...(requestTimeoutMs === 60_000
        ? {}
        : { requestHandler: { requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true } }),
    }),
    resourceArn,
    secretArn,
    database: 'shop',
    onCall: (call) => calls.push(call),
  });

const failure = async (given: Answer, options: { continueAfterTimeout?: boolean } = {}): Promise<LockkeeperError> => {
  answer = given;
  return database()
    .query('SELECT 1', {}, options)
    .then(
      () => expect.unreachable('the query went well'),
      (error: LockkeeperError) => error,
    );
};
const said = (message: string): string => JSON.stringify({ message });

test.each([
  ['DatabaseErrorException', 400, 'ERROR: boom; SQLState: P0001', 'StatementFailed'],
  ['DatabaseErrorException', 400, 'Database returned SQL Exception', 'OutcomeUnknown'],
  [
    'DatabaseErrorException',
    400,
    'FATAL: terminating connection due to administrator command; SQLState: 57P01',
    'OutcomeUnknown',
  ],
  ['DatabaseErrorException', 400, 'FATAL: the database system is starting up; SQLState: 57P03', 'DatabaseUnavailable'],
  [
    'DatabaseErrorException',
    400,
    'FATAL: password authentication failed for user "a"; SQLState: 28P01',
    'SecretInvalid',
  ],
  ['StatementTimeoutException', 400, 'Request timed out', 'StatementTimedOut'],
  ['DatabaseResumingException', 400, 'resuming', 'DatabaseResuming'],
  ['DatabaseUnavailableException', 504, null, 'DatabaseUnavailable'],
  ['InternalServerErrorException', 500, null, 'OutcomeUnknown'],
  ['InternalFailure', 500, null, 'OutcomeUnknown'],
  ['ServiceUnavailableError', 503, null, 'OutcomeUnknown'],
  ['TransactionNotFoundException', 404, 'gone', 'OutcomeUnknown'],
  ['NotFoundException', 404, 'gone', 'ClusterNotFound'],
  ['DatabaseNotFoundException', 404, 'no instance', 'ClusterNotFound'],
  ['ValidationException', 400, "Multistatements aren't supported.", 'RequestRefused'],
  ['BadRequestException', 400, 'v1', 'RequestRefused'],
  ['UnsupportedResultException', 400, 'The result exceeds the size limit 1 MB', 'ResultUnsupported'],
  ['SecretsErrorException', 400, 'no secret', 'SecretInvalid'],
  ['InvalidSecretException', 400, 'bad secret', 'SecretInvalid'],
  ['HttpEndpointNotEnabledException', 400, 'off', 'DataApiDisabled'],
  ['AccessDeniedException', 403, 'no', 'AccessDenied'],
  ['ForbiddenException', 403, 'no', 'AccessDenied'],
  ['InvalidResourceStateException', 400, 'stopped', 'DatabaseUnavailable'],
  ['ThrottlingException', 400, 'Rate exceeded', 'Throttled'],
  ['TooManyRequestsException', 429, 'Rate exceeded', 'Throttled'],
  ['ExpiredTokenException', 403, 'expired', 'AccessDenied'],
  ['SomethingNew', 502, null, 'OutcomeUnknown'],
  ['SomethingNew', 418, 'new', 'RequestRefused'],
])('%s (%i, %s) is %s, and is sent once', async (type, status, message, code) => {
  const error = await failure({ status, type, ...(message === null ? {} : { body: said(message) }) });
  expect([error.name, requests]).toEqual([code, 1]);
  expect(error.cause).toBeInstanceOf(Error);
  expect(calls.map((call) => call.code)).toEqual([code]);
});

test('a message of PostgreSQL is told without the value it quotes', async () => {
  const message = 'ERROR: invalid input syntax for type integer: "hunter2"; Position: 8; SQLState: 22P02';
  const error = await failure({ status: 400, type: 'DatabaseErrorException', body: said(message) });
  expect(error.message).toBe('invalid input syntax for type integer: "…"');
  expect(inspect(error)).not.toContain('hunter2');
});

test('a reply that names no error is not taken for a refusal', async () => {
  expect((await failure({ status: 500 })).code).toBe('OutcomeUnknown');
  expect((await failure({ status: 200, body: 'not JSON' })).code).toBe('OutcomeUnknown');
});

test('a lost connection leaves the outcome unknown, and nothing is sent again', async () => {
  expect((await failure('close')).code).toBe('OutcomeUnknown');
  expect(requests).toBe(1);
});

test('no reply in time leaves the outcome unknown', async () => {
  answer = 'silence';
  await expect(database(50).query('SELECT 1')).rejects.toMatchObject({
    code: 'OutcomeUnknown',
    message: 'no reply from the Data API (ETIMEDOUT); the statement may have run',
  });
});

test('an address where nobody listens means that nothing ran', async () => {
  const client = createDataApiClient({ ...testAws, endpoint: 'http://127.0.0.1:9' });
  await expect(
    dataApiDatabase({ client, resourceArn, secretArn, database: 'shop' }).query('SELECT 1'),
  ).rejects.toMatchObject({ code: 'DatabaseUnavailable', message: 'the Data API cannot be reached (ECONNREFUSED)' });
});

test('the client throws when its time is up instead of warning, and sends once', async () => {
  const { requestHandler, maxAttempts } = createDataApiClient({ ...testAws, maxAttempts: 3 }).config;
  const options = await (requestHandler as unknown as { configProvider: Promise<object> }).configProvider;
  expect(options).toMatchObject({ requestTimeout: 60_000, throwOnRequestTimeout: true });
  expect(await maxAttempts()).toBe(1);
});

test('a timeout says whether the statement runs on', async () => {
  const given = { status: 400, type: 'StatementTimeoutException', body: said('Request timed out') };
  expect((await failure(given)).details).toEqual({ running: false });
  expect((await failure(given, { continueAfterTimeout: true })).details).toEqual({ running: true });
});

test('no row value is left anywhere in the error, its cause and their stacks', async () => {
  const error = await failure({
    status: 400,
    type: 'DatabaseErrorException',
    body: said(
      'ERROR: duplicate key value violates unique constraint "k"; Detail: Key (email)=(ada@example.org) already exists.; Where: SQL statement "x ada@example.org"; SQLState: 23505',
    ),
  });
  expect(error.message).toBe('duplicate key value violates unique constraint "k"');
  expect(error.details).toEqual({ sqlstate: '23505', hint: null, position: null });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('ada@example.org');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('AWS4-HMAC-SHA256');
});

test('a reply that cannot be read leaves no row value either', async () => {
  const error = await failure({ status: 200, body: '{"records":[[{"stringValue":"SECRET"' });
  expect([error.code, inspect(error, { depth: 20 }).includes('SECRET')]).toEqual(['OutcomeUnknown', false]);
});

test('a refusal does not repeat the value that AWS quotes', async () => {
  const error = await failure({
    status: 400,
    type: 'ValidationException',
    body: said("1 validation error detected: Value 'it''s SECRET' at 'sql' failed to satisfy constraint: too long"),
  });
  expect(error.message).toBe(
    "the Data API refused the request (ValidationException): 1 validation error detected: Value at 'sql' failed to satisfy constraint: too long",
  );
});

test.each([
  [
    'StatementTooLarge',
    'the statement has 65537 characters; the Data API takes at most 65536',
    `SELECT ${'1'.repeat(65_530)}`,
    {},
  ],
  ['RequestRefused', 'parameter n is not a safe integer', 'SELECT :n', { n: 0.5 }],
  ['RequestRefused', 'parameter n has no value; pass null for NULL', 'SELECT :n', { n: undefined as never }],
])('%s (%s) is found before anything is sent', async (code, message, sql, parameters) => {
  await expect(database().query(sql, parameters)).rejects.toMatchObject({ code, message });
  expect(requests).toBe(0);
});

test('65,536 characters outside the basic plane are within the limit', async () => {
  answer = { status: 200, body: '{}' };
  expect(await database().query(`--${'😀'.repeat(65_534)}`)).toEqual([]);
});

test('a request is measured in bytes with its JSON notation', async () => {
  answer = { status: 200, body: '{}' };
  const mebibyte = 1024 * 1024;
  expect(await database().query('SELECT :p', { p: 'é'.repeat(2 * mebibyte - 10_000) })).toEqual([]);
  for (const p of ['é'.repeat(2 * mebibyte), '\n'.repeat(2 * mebibyte), 'x'.repeat(4 * mebibyte)])
    await expect(database().query('SELECT :p', { p })).rejects.toMatchObject({
      code: 'RequestRefused',
      details: { limit: 4_194_304 },
    });
  expect(requests).toBe(1);
});
