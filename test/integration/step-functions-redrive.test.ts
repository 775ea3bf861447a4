import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test, vi } from 'vitest';
import type { Json } from '../../lib/errors/index.ts';
import { readDefinition, TaskError, VirtualClock } from '../../lib/local/states-language/index.ts';
import { startStepFunctions, type StepFunctionsServer } from '../../lib/local/step-functions/index.ts';
import { machine, task } from '../support/states-language.ts';

const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test';
const executionArn = 'arn:aws:states:eu-west-1:123456789012:execution:Test:one';
const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const begin = async (
  definition: Parameters<typeof readDefinition>[0],
  run: (sent: Json) => Promise<Json>,
  clock = new VirtualClock(),
): Promise<{ server: StepFunctionsServer; client: SFNClient; told: string[] }> => {
  const told: string[] = [];
  const server = await startStepFunctions({
    directory: mkdtempSync(join(tmpdir(), 'step-functions-')),
    machines: { [stateMachineArn]: { name: 'Test', definition: readDefinition(definition) } },
    tasks: { run: (_, sent) => run(sent) },
    clock,
    onEnd: async ({ detail }) => void told.push(detail.status),
  });
  const client = new SFNClient({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: server.credentials,
    maxAttempts: 1,
  });
  closers.push(
    () => server.close(),
    () => client.destroy(),
  );
  return { server, client, told };
};
const start = (client: SFNClient) =>
  client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' }));
const redrive = (client: SFNClient, clientToken?: string) =>
  client.send(new RedriveExecutionCommand({ executionArn, ...(clientToken !== undefined && { clientToken }) }));
const described = (client: SFNClient) => client.send(new DescribeExecutionCommand({ executionArn }));

const twoSteps = machine({
  Remember: { Type: 'Pass', Assign: { kept: '{% $states.input.a %}' }, Output: { b: 2 }, Next: 'Work' },
  Work: task({
    Arguments: {
      kept: '{% $kept %}',
      b: '{% $states.input.b %}',
      redrives: '{% $states.context.Execution.RedriveCount %}',
    },
  }),
});

test('a failed execution goes on at the failed state, with its input and variables, under the same ARN', async () => {
  const sent: Json[] = [];
  const { server, client, told } = await begin(twoSteps, (given) => {
    sent.push(given);
    return sent.length === 1 ? Promise.reject(new TaskError('LockTimeout', 'held')) : Promise.resolve('well');
  });
  await start(client);
  await server.ended(executionArn);
  expect(await described(client)).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' });
  const { redriveDate } = await redrive(client);
  await server.ended(executionArn);
  expect(sent).toEqual([
    { kept: 1, b: 2, redrives: 0 },
    { kept: 1, b: 2, redrives: 1 },
  ]);
  const end = await described(client);
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"well"', redriveCount: 1, redriveDate });
  expect(end).toMatchObject({
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  });
  expect([end.error, end.cause]).toEqual([undefined, undefined]);
  expect(told).toEqual(['FAILED']);
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.map(({ id, type }) => `${id} ${type}`)).toEqual([
    '1 ExecutionStarted',
    '2 PassStateEntered',
    '3 PassStateExited',
    '4 TaskStateEntered',
    '5 LambdaFunctionScheduled',
    '6 LambdaFunctionStarted',
    '7 LambdaFunctionFailed',
    '8 ExecutionFailed',
    '9 ExecutionRedriven',
    '10 LambdaFunctionScheduled',
    '11 LambdaFunctionStarted',
    '12 LambdaFunctionSucceeded',
    '13 TaskStateExited',
    '14 ExecutionSucceeded',
  ]);
});

test('an aborted execution goes on at the state that was cut off, and may be redriven again', async () => {
  let calls = 0;
  const { server, client } = await begin(twoSteps, () => {
    calls += 1;
    return calls < 3 ? new Promise(() => {}) : Promise.resolve('well');
  });
  await start(client);
  for (const count of [1, 2]) {
    await vi.waitFor(() => expect(calls).toBe(count));
    await client.send(new StopExecutionCommand({ executionArn }));
    await server.ended(executionArn);
    expect(await described(client)).toMatchObject({ status: 'ABORTED', redriveStatus: 'REDRIVABLE' });
    await redrive(client);
  }
  await server.ended(executionArn);
  expect(await described(client)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
});

test('what a Fail state ended fails there again', async () => {
  const { server, client, told } = await begin(
    machine({ Give: { Type: 'Fail', Error: 'Refused', Cause: 'by rule' } }),
    async () => null,
  );
  await start(client);
  await server.ended(executionArn);
  await redrive(client);
  await server.ended(executionArn);
  expect(await described(client)).toMatchObject({ status: 'FAILED', error: 'Refused', redriveCount: 1 });
  expect(told).toEqual(['FAILED', 'FAILED']);
});

test('one that succeeded, runs, is unknown, or ended more than 14 days ago is not redriven', async () => {
  const clock = new VirtualClock();
  let answers = true;
  const work = (): Promise<Json> =>
    answers ? Promise.resolve(1) : Promise.reject(new TaskError('LockTimeout', 'held'));
  const { server, client } = await begin(machine({ Work: task() }), work, clock);
  await expect(redrive(client)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  await start(client);
  await server.ended(executionArn);
  await expect(redrive(client)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });

  answers = false;
  const other = await begin(machine({ Work: task() }), work, clock);
  await start(other.client);
  await other.server.ended(executionArn);
  await clock.sleep(14 * 24 * 3_600_000 + 1, new AbortController().signal);
  await expect(redrive(other.client)).rejects.toMatchObject({
    name: 'ExecutionNotRedrivable',
    message: 'Execution redrivable period exceeded',
  });
});

test('the same token within a quarter of an hour is the same redrive', async () => {
  let calls = 0;
  const { server, client } = await begin(machine({ Work: task() }), () => {
    calls += 1;
    return Promise.reject(new TaskError('LockTimeout', 'held'));
  });
  await start(client);
  await server.ended(executionArn);
  const first = await redrive(client, 'token');
  await server.ended(executionArn);
  expect(await redrive(client, 'token')).toMatchObject({ redriveDate: first.redriveDate });
  expect(calls).toBe(2);
  await redrive(client, 'another');
  await server.ended(executionArn);
  expect(calls).toBe(3);
});

test('a redrive into a Parallel is refused by an error that says so', async () => {
  const inner = { StartAt: 'Work', States: { Work: task() } };
  const { server, client } = await begin(machine({ Both: { Type: 'Parallel', Branches: [inner], End: true } }), () =>
    Promise.reject(new TaskError('LockTimeout', 'held')),
  );
  await start(client);
  await server.ended(executionArn);
  await expect(redrive(client)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: 'the local Step Functions does not imitate a redrive from within a Parallel or a Map',
  });
});
