import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { readDefinition, TaskError, type TaskRunner, VirtualClock } from '../../lib/local/states-language/index.ts';
import {
  startStepFunctions,
  type StatusChange,
  type StepFunctionsOptions,
  type StepFunctionsServer,
} from '../../lib/local/step-functions/index.ts';
import { isAlive, ownProcess } from '../../lib/local/step-functions/process-identity.ts';
import { machine, task } from '../support/states-language.ts';

const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test';
const executionArn = (name: string): string => `arn:aws:states:eu-west-1:123456789012:execution:Test:${name}`;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'step-functions-'));

const begin = async (
  definition: Parameters<typeof readDefinition>[0],
  options: Partial<StepFunctionsOptions> = {},
): Promise<{ server: StepFunctionsServer; client: SFNClient; directory: string }> => {
  const directory = options.directory ?? newDirectory();
  const server = await startStepFunctions({
    directory,
    machines: {
      [stateMachineArn]: { name: 'Test', definition: readDefinition(definition), roleArn: 'arn:aws:iam::1:role/r' },
    },
    tasks: { run: async () => null },
    credentials,
    ...options,
  });
  const client = new SFNClient({ region: 'eu-west-1', endpoint: server.url, credentials, maxAttempts: 1 });
  closers.push(
    () => server.close(),
    () => client.destroy(),
  );
  return { server, client, directory };
};

const asleep = machine({ Rest: { Type: 'Wait', Seconds: 3600, End: true } });
const echo = machine({ Show: { Type: 'Pass', Output: { got: '{% $states.input %}' }, End: true } });
const failing = machine({ Work: task() });
const refusing: TaskRunner = { run: () => Promise.reject(new TaskError('LockTimeout', 'held')) };

test('the SDK’s client starts an execution, describes it and reads its history', async () => {
  const { server, client } = await begin(echo, { clock: new VirtualClock() });
  const started = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' }));
  expect(started).toMatchObject({ executionArn: executionArn('one'), startDate: new Date('2026-01-01T00:00:00Z') });
  await server.ended(executionArn('one'));
  const described = await client.send(new DescribeExecutionCommand({ executionArn: executionArn('one') }));
  expect({ ...described, $metadata: undefined }).toEqual({
    $metadata: undefined,
    executionArn: executionArn('one'),
    stateMachineArn,
    name: 'one',
    status: 'SUCCEEDED',
    startDate: new Date('2026-01-01T00:00:00Z'),
    stopDate: new Date('2026-01-01T00:00:00Z'),
    input: '{"a":1}',
    inputDetails: { included: true },
    output: '{"got":{"a":1}}',
    outputDetails: { included: true },
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  });
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn: executionArn('one') }));
  const at = new Date('2026-01-01T00:00:00Z');
  const whole = { truncated: false };
  expect(events).toEqual([
    {
      timestamp: at,
      type: 'ExecutionStarted',
      id: 1,
      previousEventId: 0,
      executionStartedEventDetails: { input: '{"a":1}', inputDetails: whole, roleArn: 'arn:aws:iam::1:role/r' },
    },
    {
      timestamp: at,
      type: 'PassStateEntered',
      id: 2,
      previousEventId: 0,
      stateEnteredEventDetails: { name: 'Show', input: '{"a":1}', inputDetails: whole },
    },
    {
      timestamp: at,
      type: 'PassStateExited',
      id: 3,
      previousEventId: 2,
      stateExitedEventDetails: { name: 'Show', output: '{"got":{"a":1}}', outputDetails: whole },
    },
    {
      timestamp: at,
      type: 'ExecutionSucceeded',
      id: 4,
      previousEventId: 3,
      executionSucceededEventDetails: { output: '{"got":{"a":1}}', outputDetails: whole },
    },
  ]);
});

test('a history is read in pages, backwards too, and without its data', async () => {
  const { server, client } = await begin(echo);
  await server.startExecution({ stateMachineArn, name: 'one' });
  await server.ended(executionArn('one'));
  const history = (rest: object) =>
    client.send(new GetExecutionHistoryCommand({ executionArn: executionArn('one'), ...rest }));
  const first = await history({ maxResults: 3 });
  const second = await history({ maxResults: 3, nextToken: first.nextToken });
  expect([first, second].map(({ events = [] }) => events.map(({ id }) => id))).toEqual([[1, 2, 3], [4]]);
  expect(second.nextToken).toBeUndefined();
  const backwards = await history({ reverseOrder: true, includeExecutionData: false });
  expect(backwards.events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  expect(JSON.stringify(backwards.events)).not.toContain('got');
});

test('the same name and input give the running execution; anything else with the name is ExecutionAlreadyExists', async () => {
  const { client } = await begin(asleep);
  const start = (input?: string) => client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input }));
  const { startDate } = await start('{"a":1}');
  expect((await start('{"a":1}')).startDate).toEqual(startDate);
  await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  await client.send(new StopExecutionCommand({ executionArn: executionArn('one') }));
  await expect(start('{"a":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

test('an execution without a name gets one', async () => {
  const { client } = await begin(asleep);
  const { executionArn: arn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  expect(arn).toMatch(/^arn:aws:states:eu-west-1:123456789012:execution:Test:[0-9a-f-]{36}$/);
});

test('what is wrong with a request has the service’s own error name', async () => {
  const { client } = await begin(echo);
  const start = (rest: object) => client.send(new StartExecutionCommand({ stateMachineArn, ...rest }));
  await expect(start({ stateMachineArn: `${stateMachineArn}X` })).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
  await expect(start({ name: 'a/b' })).rejects.toMatchObject({ name: 'InvalidName' });
  await expect(start({ input: '{' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  const describe = (arn: string) => client.send(new DescribeExecutionCommand({ executionArn: arn }));
  await expect(describe(executionArn('none'))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  await expect(describe('none')).rejects.toMatchObject({ name: 'InvalidArn' });
  await expect(client.send(new CreateActivityCommand({ name: 'a' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: 'the local Step Functions does not imitate CreateActivity',
  });
});

test('a stop in the middle of a Wait takes effect at once, and tells onEnd as EventBridge would', async () => {
  const changes: StatusChange[] = [];
  const { server, client } = await begin(asleep, { onEnd: async (change) => void changes.push(change) });
  await client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' }));
  const done = server.ended(executionArn('one'));
  await client.send(
    new StopExecutionCommand({ executionArn: executionArn('one'), error: 'Operator', cause: 'enough' }),
  );
  const described = await client.send(new DescribeExecutionCommand({ executionArn: executionArn('one') }));
  expect(described).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
  await done;
  expect(changes).toEqual([
    {
      version: '0',
      id: expect.any(String),
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: '123456789012',
      time: expect.any(String),
      region: 'eu-west-1',
      resources: [executionArn('one')],
      detail: {
        executionArn: executionArn('one'),
        stateMachineArn,
        name: 'one',
        status: 'ABORTED',
        startDate: described.startDate?.getTime(),
        stopDate: described.stopDate?.getTime(),
        input: '{"a":1}',
        output: null,
        inputDetails: { included: true },
        outputDetails: null,
        error: 'Operator',
        cause: 'enough',
      },
    },
  ]);
});

test('onEnd hears of a failure and of a timeout, and not of a success', async () => {
  const heard: string[] = [];
  const onEnd = async ({ detail }: StatusChange) => void heard.push(`${detail.status} ${detail.error}`);
  const late = machine({ Rest: { Type: 'Wait', Seconds: 3600, End: true } }, { TimeoutSeconds: 60 });
  for (const [definition, tasks] of [
    [failing, refusing],
    [late, undefined],
    [echo, undefined],
  ] as const) {
    const { server } = await begin(definition, { onEnd, clock: new VirtualClock(), ...(tasks && { tasks }) });
    const { executionArn: arn = '' } = await server.startExecution({ stateMachineArn });
    await server.ended(arn);
  }
  expect(heard).toEqual(['FAILED LockTimeout', 'TIMED_OUT null']);
});

test('executions are listed newest first, by status, in pages', async () => {
  const clock = new VirtualClock();
  const { server, client } = await begin(failing, {
    clock,
    tasks: {
      run: (_resource, sent) =>
        (sent as { fail?: boolean }).fail ? Promise.reject(new TaskError('No', '')) : Promise.resolve(1),
    },
  });
  for (const [name, input] of [
    ['a', '{}'],
    ['b', '{"fail":true}'],
    ['c', '{}'],
  ] as const) {
    await server.startExecution({ stateMachineArn, name, input });
    await server.ended(executionArn(name));
    await clock.sleep(1000, new AbortController().signal);
  }
  const list = async (rest: object) => {
    const { executions = [], nextToken } = await client.send(new ListExecutionsCommand({ stateMachineArn, ...rest }));
    return { names: executions.map(({ name }) => name), nextToken };
  };
  expect((await list({})).names).toEqual(['c', 'b', 'a']);
  expect((await list({ statusFilter: 'FAILED' })).names).toEqual(['b']);
  const { names, nextToken } = await list({ maxResults: 2 });
  expect(names).toEqual(['c', 'b']);
  expect((await list({ maxResults: 2, nextToken })).names).toEqual(['a']);
});

test('a state machine is described with its definition', async () => {
  const { client } = await begin(echo);
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    name: 'Test',
    type: 'STANDARD',
    status: 'ACTIVE',
    definition: JSON.stringify(echo),
    roleArn: 'arn:aws:iam::1:role/r',
  });
});

test('of a machine the newest 100 executions are kept', async () => {
  const clock = new VirtualClock();
  const { server, directory } = await begin(echo, { clock });
  for (let n = 0; n < 103; n += 1) {
    await server.startExecution({ stateMachineArn, name: `n${n}` });
    await server.ended(executionArn(`n${n}`));
    await clock.sleep(1000, new AbortController().signal);
  }
  const files = readdirSync(join(directory, 'executions', 'Test'));
  expect(files.filter((file) => file.endsWith('.json'))).toHaveLength(100);
  expect(files.filter((file) => file.endsWith('.events'))).toHaveLength(100);
  expect(files).not.toContain('n2.json');
  expect(files).toContain('n3.json');
});

test('close aborts what runs, waits for onEnd, and another server on the directory knows it', async () => {
  const directory = newDirectory();
  let told = 0;
  const { server } = await begin(asleep, {
    directory,
    onEnd: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      told += 1;
    },
  });
  await server.startExecution({ stateMachineArn, name: 'one' });
  await server.close();
  expect(told).toBe(1);
  const second = await begin(asleep, { directory });
  expect(await second.server.describeExecution({ executionArn: executionArn('one') })).toMatchObject({
    status: 'ABORTED',
    error: 'Local.ProcessEnded',
  });
});

test('a port that is taken is said to be', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  closers.push(() => void taken.close());
  const { port } = taken.address() as { port: number };
  await expect(begin(echo, { port })).rejects.toMatchObject({ code: 'PortTaken' });
});

test('who waits for an execution hears how it ended, also when onEnd fails', async () => {
  const { server } = await begin(failing, {
    tasks: refusing,
    onEnd: () => Promise.reject(new Error('the finisher broke')),
  });
  await server.startExecution({ stateMachineArn, name: 'one' });
  expect(await server.ended(executionArn('one'))).toMatchObject({ status: 'FAILED', error: 'LockTimeout' });
});

test('a directory that cannot be written is DirectoryUnusable', async () => {
  const file = join(newDirectory(), 'file');
  writeFileSync(file, '');
  const { server } = await begin(echo, { directory: file });
  await expect(server.startExecution({ stateMachineArn })).rejects.toMatchObject({ code: 'DirectoryUnusable' });
});

test('a process of the same number that was started at another time is another process', () => {
  const own = ownProcess();
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, started: 'another time' })).toBe(false);
});

const otherProcess = async (directory: string): Promise<ChildProcess> => {
  const script = fileURLToPath(new URL('../support/step-functions-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, directory, JSON.stringify(asleep), stateMachineArn],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  closers.push(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString().trim()).toBe(executionArn('other'));
  return child;
};

test('an execution of another process is RUNNING while that lives, and ABORTED when it was killed', async () => {
  const { client, directory } = await begin(asleep);
  const child = await otherProcess(directory);
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn: executionArn('other') }));
  expect((await describe()).status).toBe('RUNNING');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await describe()).toMatchObject({
    status: 'ABORTED',
    error: 'Local.ProcessEnded',
    cause: `the process ${child.pid} that ran this execution has ended`,
    stopDate: expect.any(Date),
  });
  const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }));
  expect(executions?.map(({ name }) => name)).toEqual(['other']);
});

test('an execution of another process is stopped from this one', async () => {
  const { client, directory } = await begin(asleep);
  await otherProcess(directory);
  await client.send(new StopExecutionCommand({ executionArn: executionArn('other'), error: 'Operator' }));
  expect(await client.send(new DescribeExecutionCommand({ executionArn: executionArn('other') }))).toMatchObject({
    status: 'ABORTED',
    error: 'Operator',
  });
});
