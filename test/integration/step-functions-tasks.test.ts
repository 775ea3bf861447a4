import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as rds from '@aws-sdk/client-rds';
import { afterEach, expect, test } from 'vitest';
import type { Json } from '../../lib/errors/index.ts';
import { createLambdaHost } from '../../lib/local/lambda-host/index.ts';
import { createTaskRunner, readDefinition, type TaskRunner } from '../../lib/local/states-language/index.ts';
import { machine, run, task } from '../support/states-language.ts';

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:database';

/** An RDS that answers every call with this, and tells what it was sent. */
const rdsThatAnswers = async (
  status: number,
  body: string,
): Promise<{ tasks: TaskRunner; sent: URLSearchParams[] }> => {
  const sent: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    sent.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': 'r' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new rds.RDSClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  closers.push(
    () => void server.close(),
    () => client.destroy(),
  );
  return {
    sent,
    tasks: createTaskRunner({
      lambda: createLambdaHost({ functions: {} }),
      services: { rds: { client, exports: rds } },
    }),
  };
};

const call = (tasks: TaskRunner, resource: string, sent: Json) =>
  tasks.run(resource, sent, { timeoutMs: 1000, signal: new AbortController().signal, state: 'Work' });

const create = 'arn:aws:states:::aws-sdk:rds:createDBClusterSnapshot';
const describe = 'arn:aws:states:::aws-sdk:rds:describeDBClusterSnapshots';

test('arguments in the Java SDK’s casing reach the service as it knows them, and its answer comes back in that casing', async () => {
  const { tasks, sent } = await rdsThatAnswers(
    200,
    `<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult><DBClusterSnapshots><DBClusterSnapshot>
       <DBClusterSnapshotIdentifier>lockkeeper-one</DBClusterSnapshotIdentifier><Status>available</Status>
       <PercentProgress>100</PercentProgress><StorageEncrypted>true</StorageEncrypted>
       <SnapshotCreateTime>2026-01-02T03:04:05.678Z</SnapshotCreateTime>
       <IAMDatabaseAuthenticationEnabled>false</IAMDatabaseAuthenticationEnabled>
       <TagList><Tag><Key>lockkeeper:run</Key><Value>one</Value></Tag></TagList>
     </DBClusterSnapshot></DBClusterSnapshots></DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>`,
  );
  const result = await call(tasks, describe, {
    DbClusterSnapshotIdentifier: 'lockkeeper-one',
    IncludePublic: false,
    Filters: [{ Name: 'engine', Values: ['aurora-postgresql'] }],
  });
  expect(Object.fromEntries(sent[0] ?? [])).toEqual({
    Action: 'DescribeDBClusterSnapshots',
    Version: '2014-10-31',
    DBClusterSnapshotIdentifier: 'lockkeeper-one',
    IncludePublic: 'false',
    'Filters.Filter.1.Name': 'engine',
    'Filters.Filter.1.Values.Value.1': 'aurora-postgresql',
  });
  expect(result).toEqual({
    DbClusterSnapshots: [
      {
        DbClusterSnapshotIdentifier: 'lockkeeper-one',
        Status: 'available',
        PercentProgress: 100,
        StorageEncrypted: true,
        SnapshotCreateTime: '2026-01-02T03:04:05.678Z',
        IamDatabaseAuthenticationEnabled: false,
        TagList: [{ Key: 'lockkeeper:run', Value: 'one' }],
      },
    ],
  });
});

const fault = (code: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

test.each([
  ['DBClusterSnapshotAlreadyExistsFault', 400, 'Rds.DbClusterSnapshotAlreadyExistsException'],
  ['InvalidDBClusterStateFault', 400, 'Rds.InvalidDbClusterStateException'],
  ['SnapshotQuotaExceeded', 400, 'Rds.SnapshotQuotaExceededException'],
  ['DBClusterNotFoundFault', 404, 'Rds.DbClusterNotFoundException'],
  ['KMSKeyNotAccessibleFault', 400, 'Rds.KmsKeyNotAccessibleException'],
  ['AccessDenied', 403, 'Rds.RdsException'],
])('the service’s error %s is named as Step Functions names it', async (code, status, expected) => {
  const { tasks } = await rdsThatAnswers(status, fault(code));
  await expect(
    call(tasks, create, { DbClusterIdentifier: 'shop', DbClusterSnapshotIdentifier: 'one' }),
  ).rejects.toMatchObject({ error: expected, explanation: `no (Service: Rds, Status Code: ${status}, Request ID: r)` });
});

test('a service that cannot be reached is Rds.SdkClientException', async () => {
  const { tasks } = await rdsThatAnswers(200, '');
  await Promise.all(closers.splice(0).map((close) => close()));
  await expect(call(tasks, describe, {})).rejects.toMatchObject({ error: 'Rds.SdkClientException' });
});

test('a field that the service does not know fails as States.Runtime, and nothing is sent', async () => {
  const { tasks, sent } = await rdsThatAnswers(200, '');
  await expect(call(tasks, create, { DBClusterIdentifier: 'shop' })).rejects.toMatchObject({
    error: 'States.Runtime',
    explanation:
      'The Arguments could not be used to start the Task: [the field "DBClusterIdentifier" is not supported by Step Functions]',
  });
  expect(sent).toEqual([]);
});

test.each([
  [
    create,
    { DBClusterIdentifier: 'shop' },
    'aws-sdk:rds:createDBClusterSnapshot: the field "DBClusterIdentifier" is not supported by Step Functions',
  ],
  [
    create,
    { Tags: [{ Key: 'a', Val: '{% $states.input %}' }] },
    'aws-sdk:rds:createDBClusterSnapshot: the field "Tags[0].Val" is not supported by Step Functions',
  ],
  [create, { Tags: 'a' }, 'aws-sdk:rds:createDBClusterSnapshot: the field "Tags" is not a list'],
  [
    'arn:aws:states:::aws-sdk:rds:createDbClusterSnapshot',
    {},
    'aws-sdk:rds:createDbClusterSnapshot: there is no action "createDbClusterSnapshot"',
  ],
  ['arn:aws:states:::aws-sdk:s3:getObject', {}, 'there is no stand-in for the service "s3"'],
  [
    'arn:aws:states:::lambda:invoke',
    { FunctionName: functionArn, Paylod: {} },
    'the field "Paylod" is not supported by lambda:invoke',
  ],
  [
    'arn:aws:states:::lambda:invoke',
    { FunctionName: functionArn, InvocationType: 'Event' },
    'lambda:invoke with InvocationType "Event" is not imitated, only RequestResponse',
  ],
])('a Task %s that can never run is refused when the definition is read', async (Resource, Arguments, why) => {
  const { tasks } = await rdsThatAnswers(200, '');
  expect(() => readDefinition(machine({ Work: task({ Resource, Arguments }) }), { tasks })).toThrow(
    `/States/Work/Resource: ${why}`,
  );
});

test('expressions in arguments are left for the run', async () => {
  const { tasks } = await rdsThatAnswers(200, '');
  const Arguments = { DbClusterIdentifier: '{% $states.input.id %}', Tags: '{% $states.input.tags %}' };
  expect(readDefinition(machine({ Work: task({ Resource: create, Arguments }) }), { tasks }).startAt).toBe('Work');
});

const handlers = (source: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'lambda-tasks-')), 'handler.mjs');
  writeFileSync(file, source);
  const lambda = createLambdaHost({
    functions: { [functionArn]: { file, handler: 'handler', env: {}, timeoutSeconds: 10 } },
  });
  closers.push(() => lambda.close());
  return createTaskRunner({ lambda, services: {} });
};

test('lambda:invoke answers the payload with its status; a function as the resource the payload alone', async () => {
  const tasks = handlers('export const handler = async (event) => ({ doubled: event.n * 2 });');
  expect(await call(tasks, 'arn:aws:states:::lambda:invoke', { FunctionName: functionArn, Payload: { n: 4 } })).toEqual(
    {
      ExecutedVersion: '$LATEST',
      Payload: { doubled: 8 },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: expect.any(String) },
      StatusCode: 200,
    },
  );
  expect(await call(tasks, functionArn, { n: 5 })).toEqual({ doubled: 10 });
});

test('a handler’s error reaches the state under its name, with all of it as JSON for the cause', async () => {
  const tasks = handlers(
    "export const handler = async () => { throw Object.assign(new Error('held by another'), { name: 'LeaseHeld' }) };",
  );
  const error = await call(tasks, 'arn:aws:states:::lambda:invoke', { FunctionName: functionArn }).catch(
    (found: unknown) => found,
  );
  expect(error).toMatchObject({ error: 'LeaseHeld' });
  expect(JSON.parse((error as { explanation: string }).explanation)).toEqual({
    errorType: 'LeaseHeld',
    errorMessage: 'held by another',
    trace: expect.any(Array),
  });
});

test('a function that does not exist is Lambda.ResourceNotFoundException', async () => {
  await expect(call(handlers(''), 'arn:aws:states:::lambda:invoke', { FunctionName: 'other' })).rejects.toMatchObject({
    error: 'Lambda.ResourceNotFoundException',
  });
});

test('the history of a Lambda task and of a function as the resource has their own event types', async () => {
  const states = machine({
    One: task({
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: functionArn },
      TimeoutSeconds: 9,
      Next: 'Two',
    }),
    Two: task({ Resource: functionArn }),
  });
  const { events } = await run(states, { work: () => 1 });
  expect(events.slice(1, -1).map(({ type }) => type)).toEqual([
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
  ]);
  expect(events[2]?.taskScheduledEventDetails).toEqual({
    resourceType: 'lambda',
    resource: 'invoke',
    region: 'local',
    parameters: JSON.stringify({ FunctionName: functionArn }),
    timeoutInSeconds: 9,
  });
  expect(events[4]?.taskSucceededEventDetails).toEqual({
    resourceType: 'lambda',
    resource: 'invoke',
    output: '1',
    outputDetails: { truncated: false },
  });
});
