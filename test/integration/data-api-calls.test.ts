import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDataApiClient, dataApiDatabase } from '../../lib/dataapi/index.ts';
import { type DataApiRequest, type Disturbance, type Fault, startDataApi } from '../../lib/local/data-api/index.ts';
import { resourceArn, secretArn, startTestDataApi, testAws, testClock, type TestDataApi } from '../support/data-api.ts';

const clock = testClock();
let it: TestDataApi;
let direct: pg.Client;
let onRequest: (request: DataApiRequest) => 'pass' | Disturbance = () => 'pass';
beforeAll(async () => {
  it = await startTestDataApi({ clock, onRequest: (request) => onRequest(request) });
  direct = new pg.Client({ connectionString: it.databaseUrl });
  await direct.connect();
  await direct.query('CREATE TABLE ran (what text)');
});
afterAll(async () => {
  await direct.end();
  await it.close();
});
afterEach(async () => {
  onRequest = () => 'pass';
  it.set({ resuming: false, dataApiEnabled: true, hasInstance: true, refuses: false });
  await direct.query('TRUNCATE ran');
});

const execute = (sql: string, more: object = {}) =>
  it.client.send(new ExecuteStatementCommand({ ...it.target, sql, ...more }));
const begin = async () => (await it.client.send(new BeginTransactionCommand(it.target))).transactionId!;
const commit = (transactionId: string) =>
  it.client.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId }));
const rollback = (transactionId: string) =>
  it.client.send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId }));
const ran = async () => (await direct.query<{ what: string }>('SELECT what FROM ran')).rows.map((row) => row.what);
/** Waits for the moment when exactly `count` backends run something with `mark` in it. */
const running = async (mark: string, count: number) => {
  await expect
    .poll(
      async () =>
        (
          await direct.query(
            "SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1",
            [`%${mark}%`],
          )
        ).rowCount,
      { timeout: 5000, interval: 10 },
    )
    .toBe(count);
};

/** How many backends have slept in their statement for less than `seconds`, and do so now. */
const sleeping = async (seconds: number): Promise<number | null> =>
  (
    await direct.query(
      "SELECT FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%''batch''%' AND now() - query_start < make_interval(secs => $1) AND query_start - xact_start > interval '0.2 s'",
      [seconds],
    )
  ).rowCount;
/** Until what a call held is free again. */
const givenBack = () => new Promise((resolve) => setTimeout(resolve, 50));
const code = (sql = "INSERT INTO ran VALUES ('ran')") =>
  it.db.query(sql).then(
    () => null,
    (error: { code: string }) => error.code,
  );
const other = (target: { resourceArn?: string; secretArn?: string; database?: string }) =>
  dataApiDatabase({ client: it.client, ...it.target, ...target }).query('SELECT 1');

describe('transactions', () => {
  test('one backend is pinned: settings, savepoints and temporary tables stay', async () => {
    const transactionId = await begin();
    await execute("SET LOCAL application_name = 'inside'", { transactionId });
    await execute('CREATE TEMP TABLE inside (a int)', { transactionId });
    await execute('SAVEPOINT s', { transactionId });
    await expect(execute('SELECT 1 / 0', { transactionId })).rejects.toMatchObject({ name: 'DatabaseErrorException' });
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      message: expect.stringContaining('SQLState: 25P02') as string,
    });
    await execute('ROLLBACK TO s', { transactionId });
    const { records } = await execute("SELECT current_setting('application_name'), count(*) FROM inside", {
      transactionId,
    });
    expect(records).toEqual([[{ stringValue: 'inside' }, { longValue: 0 }]]);
    expect((await rollback(transactionId)).transactionStatus).toBe('Rollback Complete');
  });

  test('commit keeps, rollback does not', async () => {
    const kept = await begin();
    await execute("INSERT INTO ran VALUES ('kept')", { transactionId: kept });
    expect((await commit(kept)).transactionStatus).toBe('Transaction Committed');
    const gone = await begin();
    await execute("INSERT INTO ran VALUES ('gone')", { transactionId: gone });
    await rollback(gone);
    expect(await ran()).toEqual(['kept']);
  });

  test('the commit of an aborted transaction reports success', async () => {
    const transactionId = await begin();
    await execute("INSERT INTO ran VALUES ('lost')", { transactionId });
    await execute('nonsense', { transactionId }).catch(() => {});
    expect((await commit(transactionId)).transactionStatus).toBe('Transaction Committed');
    expect(await ran()).toEqual([]);
  });

  test('an ended or unknown one is not found', async () => {
    const transactionId = await begin();
    await commit(transactionId);
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
    await expect(commit(transactionId)).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(rollback('unknown')).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('one that a statement ended is not found', async () => {
    const transactionId = await begin();
    await execute('ROLLBACK', { transactionId });
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
  });

  test('two calls at once on one', async () => {
    const transactionId = await begin();
    const first = execute('SELECT pg_sleep(0.3)', { transactionId });
    await running('pg_sleep(0.3)', 1);
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: 'Transaction is still running a query',
    });
    await first;
    await rollback(transactionId);
  });

  test('three minutes without a call roll it back', async () => {
    const transactionId = await begin();
    clock.pass(179_000);
    await execute("INSERT INTO ran VALUES ('idle')", { transactionId });
    clock.pass(179_000);
    await execute('SELECT 1', { transactionId });
    clock.pass(180_000);
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
    await expect.poll(ran).toEqual([]);
  });

  test('a day ends one that is never idle', async () => {
    const transactionId = await begin();
    await execute("INSERT INTO ran VALUES ('long')", { transactionId });
    const [dayMs, stepMs] = [86_400_000, 160_000];
    for (let passedMs = stepMs; passedMs < dayMs; passedMs += stepMs) {
      clock.pass(stepMs);
      await execute('SELECT 1', { transactionId });
    }
    clock.pass(stepMs);
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      name: 'TransactionNotFoundException',
    });
    await expect.poll(ran).toEqual([]);
  });

  test('another database than the transaction’s is refused', async () => {
    const transactionId = await begin();
    await expect(execute('SELECT 1', { transactionId, database: 'postgres' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await rollback(transactionId);
  });

  test('continueAfterTimeout does not go together with one', async () => {
    const transactionId = await begin();
    await expect(execute('SELECT 1', { transactionId, continueAfterTimeout: true })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await rollback(transactionId);
  });
});

describe('45 seconds', () => {
  test('then the statement is cancelled', async () => {
    const slow = it.db.query("WITH s AS (SELECT pg_sleep(60)) INSERT INTO ran SELECT 'cut' FROM s");
    await running("'cut'", 1);
    clock.pass(44_999);
    await running("'cut'", 1);
    clock.pass(1);
    await expect(slow).rejects.toMatchObject({ code: 'StatementTimedOut', details: { running: false } });
    await running("'cut'", 0);
    expect(await ran()).toEqual([]);
  });

  test('or it runs on, though the call ends the same way', async () => {
    const slow = it.db.query(
      "WITH s AS (SELECT pg_sleep(0.5)) INSERT INTO ran SELECT 'on' FROM s",
      {},
      { continueAfterTimeout: true },
    );
    await running("'on'", 1);
    clock.pass(45_000);
    await expect(slow).rejects.toMatchObject({ code: 'StatementTimedOut', details: { running: true } });
    await running("'on'", 1);
    await expect.poll(ran, { timeout: 3000 }).toEqual(['on']);
  });

  test('the statements of a batch have 45 s together', async () => {
    const batch = it.client.send(
      new BatchExecuteStatementCommand({
        ...it.target,
        sql: "INSERT INTO ran SELECT 'batch' FROM (SELECT pg_sleep(CAST(:s AS float8))) x",
        parameterSets: [0.3, 60].map((doubleValue) => [{ name: 's', value: { doubleValue } }]),
      }),
    );
    await running("'batch'", 1);
    clock.pass(30_000);
    await expect.poll(() => sleeping(60), { timeout: 5000, interval: 10 }).toBe(1);
    clock.pass(15_000);
    await expect(batch).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    await running("'batch'", 0);
    expect(await ran()).toEqual([]);
  });

  test('in a transaction the cancelled statement aborts it', async () => {
    const transactionId = await begin();
    const slow = execute("SELECT pg_sleep(60), 'pinned'", { transactionId });
    await running("'pinned'", 1);
    clock.pass(45_000);
    await expect(slow).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    await running("'pinned'", 0);
    await givenBack();
    await expect(execute('SELECT 1', { transactionId })).rejects.toMatchObject({
      message: expect.stringContaining('SQLState: 25P02') as string,
    });
    await rollback(transactionId);
  });

  test('the error carries a connection number, which is not PostgreSQL’s', async () => {
    const slow = execute('SELECT pg_sleep(60)');
    await running('pg_sleep(60)', 1);
    const { rows } = await direct.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'",
    );
    clock.pass(45_000);
    const { dbConnectionId } = (await slow.catch((error: unknown) => error)) as { dbConnectionId?: number };
    expect([typeof dbConnectionId, dbConnectionId === rows[0]?.pid]).toEqual(['number', false]);
  });
});

describe('refusals before anything runs', () => {
  test('the endpoint is disabled', async () => {
    it.set({ dataApiEnabled: false });
    expect(await code()).toBe('DataApiDisabled');
  });

  test('the cluster has no instance', async () => {
    it.set({ hasInstance: false });
    expect(await code()).toBe('ClusterNotFound');
  });

  test('an ARN that is not the cluster’s letter by letter is one without an endpoint', async () => {
    await expect(other({ resourceArn: resourceArn.replace('shop', 'Shop') })).rejects.toMatchObject({
      code: 'DataApiDisabled',
      message:
        'the Data API of arn:aws:rds:eu-west-1:123456789012:cluster:Shop is not enabled, or no cluster has exactly this ARN',
    });
    await expect(other({ resourceArn: 'arn' })).rejects.toMatchObject({ code: 'RequestRefused' });
  });

  test.each([
    ['InvalidSecretException', 400, 'SecretInvalid'],
    ['InvalidResourceStateException', 400, 'DatabaseUnavailable'],
    ['AccessDeniedException', 403, 'AccessDenied'],
    ['ForbiddenException', 403, 'AccessDenied'],
    ['BadRequestException', 400, 'RequestRefused'],
  ] as const)('told to, the cluster refuses with %s', async (refuses, status, itsCode) => {
    it.set({ refuses });
    await expect(execute("INSERT INTO ran VALUES ('ran')")).rejects.toMatchObject({
      name: refuses,
      $metadata: { httpStatusCode: status },
    });
    await expect(begin()).rejects.toMatchObject({ name: refuses });
    expect(await code()).toBe(itsCode);
    it.set({ refuses: false });
    expect(await ran()).toEqual([]);
  });

  test('the secret is another', async () => {
    await expect(other({ secretArn: secretArn.replace('shop', 'Shop') })).rejects.toMatchObject({
      code: 'SecretInvalid',
    });
  });

  test('the database does not exist', async () => {
    await expect(other({ database: 'nowhere' })).rejects.toMatchObject({
      code: 'StatementFailed',
      details: { sqlstate: '3D000' },
    });
  });

  test('an instance that nobody calls pauses by itself, and takes 15 s to wake', async () => {
    const sleepy = resourceArn.replace('shop', 'sleepy');
    const connect = () => ({ connectionString: it.databaseUrl });
    it.api.addCluster({ resourceArn: sleepy, secretArn, connect, autoPause: { afterMs: 300_000 } });
    const call = (more: object = {}) =>
      it.client.send(new ExecuteStatementCommand({ ...it.target, resourceArn: sleepy, sql: 'SELECT 1', ...more }));
    const asleep = { name: 'DatabaseResumingException', $metadata: { httpStatusCode: 400 } };
    await call();
    await givenBack();
    const open = { ...it.target, resourceArn: sleepy };
    clock.pass(299_000);
    await call();
    await givenBack();
    clock.pass(299_000);
    const { transactionId } = await it.client.send(new BeginTransactionCommand(open));
    clock.pass(170_000);
    await call({ transactionId });
    await it.client.send(new RollbackTransactionCommand({ resourceArn: sleepy, secretArn, transactionId }));
    await givenBack();
    clock.pass(300_000);
    await expect(call()).rejects.toMatchObject(asleep);
    clock.pass(14_999);
    await expect(call()).rejects.toMatchObject(asleep);
    clock.pass(1);
    expect((await call()).records).toEqual([[{ longValue: 1 }]]);
    await it.api.removeCluster(sleepy);
  });

  test('a statement that runs keeps an instance awake', async () => {
    const busy = resourceArn.replace('shop', 'busy');
    const connect = () => ({ connectionString: it.databaseUrl });
    it.api.addCluster({ resourceArn: busy, secretArn, connect, autoPause: { afterMs: 10_000 } });
    const call = (sql: string) => it.client.send(new ExecuteStatementCommand({ ...it.target, resourceArn: busy, sql }));
    const slow = call('SELECT pg_sleep(0.5) /* awake */');
    await running('awake', 1);
    clock.pass(20_000);
    expect((await call('SELECT 1')).records).toEqual([[{ longValue: 1 }]]);
    await slow;
    await it.api.removeCluster(busy);
  });

  test('a paused cluster wakes after some calls', async () => {
    it.set({ resuming: 2 });
    expect([await code(), await code(), await code()]).toEqual(['DatabaseResuming', 'DatabaseResuming', null]);
    expect(await ran()).toEqual(['ran']);
  });
});

describe('faults', () => {
  test.each([
    ['request-lost', 'OutcomeUnknown', []],
    ['reply-lost', 'OutcomeUnknown', ['x']],
    ['failed-before', 'OutcomeUnknown', []],
    ['failed-after', 'OutcomeUnknown', ['x']],
    ['unavailable', 'OutcomeUnknown', []],
    ['writer-missing', 'DatabaseUnavailable', []],
    ['throttled', 'Throttled', []],
    ['resuming', 'DatabaseResuming', []],
    ['timed-out-cancelled', 'StatementTimedOut', []],
    ['timed-out-running', 'StatementTimedOut', ['x']],
  ] satisfies [Fault, string, string[]][])('%s is %s and leaves %j', async (fault, code, left) => {
    onRequest = () => ({ fault });
    await expect(it.db.query("INSERT INTO ran VALUES ('x')")).rejects.toMatchObject({ code });
    await expect.poll(ran).toEqual(left);
  });

  test('an error of the database gives way to a lost reply', async () => {
    onRequest = () => ({ fault: 'reply-lost' });
    await expect(it.db.query('SELECT 1 / 0')).rejects.toMatchObject({ code: 'OutcomeUnknown' });
  });

  test('backend-killed leaves the outcome unknown, and the next call is well', async () => {
    onRequest = ({ sql }) => (sql.includes('pg_sleep') ? { fault: 'backend-killed' } : 'pass');
    await expect(it.db.query("SELECT pg_sleep(30), 'x'")).rejects.toMatchObject({ code: 'OutcomeUnknown' });
    expect(await it.db.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });

  test('a backend that is killed from outside is an opaque error', async () => {
    const slow = expect(execute("SELECT pg_sleep(30), 'killed'")).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: 'Database returned SQL Exception',
    });
    await running("'killed'", 1);
    // Only while it runs: an idle session whose last query looks alike must not die for the next test.
    await direct.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%''killed''%'",
    );
    await slow;
  });

  test('the hook sees each request with its number, and calls are counted', async () => {
    const seen: DataApiRequest[] = [];
    onRequest = (request) => (seen.push(request), 'pass');
    const before = { ...it.api.calls };
    await execute('SELECT 1');
    await rollback(await begin());
    expect(seen.map(({ operation, sql, index }) => [operation, sql, index - seen[0]!.index])).toEqual([
      ['ExecuteStatement', 'SELECT 1', 0],
      ['BeginTransaction', '', 1],
      ['RollbackTransaction', '', 2],
    ]);
    expect(it.api.calls.ExecuteStatement - before.ExecuteStatement).toBe(1);
    expect(it.api.calls.BeginTransaction - before.BeginTransaction).toBe(1);
  });

  test('latency is added to a call, by the clock', async () => {
    const order: string[] = [];
    const held = new Promise<void>((resolve) => {
      onRequest = () => (setImmediate(resolve), { latencyMs: 60_000 });
    });
    const slow = execute("INSERT INTO ran VALUES ('late')").then(() => order.push('answered'));
    await held;
    clock.pass(59_999);
    await givenBack();
    order.push(...(await ran()), 'not yet');
    clock.pass(1);
    await slow;
    expect([...order, ...(await ran())]).toEqual(['not yet', 'answered', 'late']);
  });
});

describe('the server', () => {
  test('a database without sessions can be copied; a call meanwhile waits', async () => {
    await execute("INSERT INTO ran VALUES ('copied')");
    const slow = execute("SELECT pg_sleep(0.2), 'drained'");
    await running("'drained'", 1);
    const order: string[] = [];
    const admin = new pg.Client({ connectionString: it.databaseUrl.replace(/[^/]+$/, 'postgres') });
    await admin.connect();
    await direct.end();
    const copied = it.api.withDrained(resourceArn, it.database, async () => {
      await admin.query(`CREATE DATABASE copy TEMPLATE ${it.database}`);
      order.push('copied');
    });
    const again = it.api
      .withDrained(resourceArn, it.database, () => Promise.reject(new Error('no space')))
      .catch((error: Error) => order.push(error.message));
    const meanwhile = execute('SELECT 1').then(() => order.push('called'));
    await Promise.all([slow, copied, again, meanwhile]);
    expect(order[0]).toBe('copied');
    expect(order.toSorted()).toEqual(['called', 'copied', 'no space']);
    await admin.end();
    direct = new pg.Client({ connectionString: it.databaseUrl });
    await direct.connect();
    const { records } = await execute('SELECT what FROM ran', { database: 'copy' });
    expect(records).toEqual([[{ stringValue: 'copied' }]]);
  });

  test('sessions that PostgreSQL ended while idle are replaced', async () => {
    await execute('SELECT 1');
    await direct.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
    // the news of an end travels over a connection of its own, so a call or two may still meet a dead session
    const answer = () =>
      execute('SELECT 1').then(
        ({ records }) => records,
        () => 'a dead session',
      );
    await expect.poll(answer).toEqual([[{ longValue: 1 }]]);
  });

  test('a PostgreSQL that is not there is a missing writer', async () => {
    const api = await startDataApi({
      credentials: testAws.credentials,
      clusters: [{ resourceArn, secretArn, connect: () => ({ host: '127.0.0.1', port: 9, user: 'nobody' }) }],
    });
    const client = createDataApiClient({ ...testAws, endpoint: api.url });
    await expect(client.send(new ExecuteStatementCommand({ ...it.target, sql: 'SELECT 1' }))).rejects.toMatchObject({
      name: 'DatabaseUnavailableException',
      $metadata: { httpStatusCode: 504 },
    });
    await api.close();
  });

  test('calls for which there is no session left wait for one', async () => {
    const narrow = resourceArn.replace('shop', 'narrow');
    it.api.addCluster({
      resourceArn: narrow,
      secretArn,
      maxSessions: 1,
      connect: () => ({ connectionString: it.databaseUrl }),
    });
    const call = (sql: string) =>
      it.client.send(new ExecuteStatementCommand({ ...it.target, resourceArn: narrow, sql }));
    const order: string[] = [];
    const slow = call("SELECT pg_sleep(0.3), 'narrow'").then(() => order.push('first'));
    await running("'narrow'", 1);
    await Promise.all([slow, call('SELECT 1').then(() => order.push('second'))]);
    expect(order).toEqual(['first', 'second']);
    await it.api.removeCluster(narrow);
  });

  test('a port that is taken has its own code', async () => {
    await expect(startDataApi({ clusters: [], port: it.api.port })).rejects.toMatchObject({ code: 'PortTaken' });
  });

  test('a cluster can be added and taken away', async () => {
    const clone = resourceArn.replace('shop', 'clone');
    it.api.addCluster({ resourceArn: clone, secretArn, connect: () => ({ connectionString: it.databaseUrl }) });
    const db = dataApiDatabase({ client: it.client, ...it.target, resourceArn: clone });
    expect(await db.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await it.api.removeCluster(clone);
    await expect(db.query('SELECT 1 AS a')).rejects.toMatchObject({ code: 'DataApiDisabled' });
  });
});
