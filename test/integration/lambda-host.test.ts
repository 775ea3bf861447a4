import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  createLambdaHost,
  FunctionError,
  type InvocationResult,
  type LambdaHost,
  type LambdaHostOptions,
} from '../../lib/local/lambda-host/index.ts';

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:work';
const directory = mkdtempSync(join(tmpdir(), 'lambda-host-'));
const file = join(directory, 'handler.mjs');

writeFileSync(
  file,
  `
import { threadId } from 'node:worker_threads';
let count = 0;
class LockTimeout extends Error { name = 'LockTimeout' }
export const echo = async (event, context) => ({
  event,
  count: ++count,
  thread: threadId,
  env: { ...process.env },
  context: { ...context, getRemainingTimeInMillis: undefined },
  left: context.getRemainingTimeInMillis(),
});
export const wait = async ({ ms }) => { await new Promise((resolve) => setTimeout(resolve, ms)); return { thread: threadId, count: ++count } };
export const spin = () => { for (;;); };
export const fails = async () => { throw new LockTimeout('held') };
export const failsOddly = async () => { throw 'a text' };
export const exits = async () => process.exit(3);
export const nothing = async () => {};
export const large = async () => 'x'.repeat(6 * 1024 * 1024);
export const later = async () => { setTimeout(() => { throw new TypeError('too late') }, 0); await new Promise(() => {}) };
export const speaks = async () => { console.log('one'); console.error('two'); process.stdout.write('three\\nfour\\n'); return 1 };
export const notAFunction = 7;
`,
);

const hosts: LambdaHost[] = [];
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.close())));

const host = (handler: string, rest: Partial<LambdaHostOptions> = {}, timeoutSeconds = 20): LambdaHost => {
  const created = createLambdaHost({
    functions: { [arn]: { file, handler, env: { STAGE: 'test' }, timeoutSeconds } },
    ...rest,
  });
  hosts.push(created);
  return created;
};

const threadOf = (result: InvocationResult | null): unknown =>
  (result?.payload as { thread?: number } | undefined)?.thread;

const failureOf = async (invocation: Promise<unknown> | null): Promise<FunctionError['failure']> => {
  const error = await invocation?.then(
    () => null,
    (found: unknown) => found,
  );
  if (!(error instanceof FunctionError)) throw new Error(`expected a FunctionError, found ${String(error)}`);
  return error.failure;
};

test('a handler gets event and context, and only the environment that it was given', async () => {
  const { payload, requestId } = (await host('echo').invoke(arn, { a: [1, null] })) ?? {};
  expect(payload).toEqual({
    event: { a: [1, null] },
    count: 1,
    thread: expect.any(Number),
    env: { STAGE: 'test', PATH: process.env.PATH },
    context: {
      functionName: 'work',
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: '512',
      awsRequestId: requestId,
      logGroupName: '/aws/lambda/work',
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: false,
    },
    left: expect.any(Number),
  });
  const { left } = payload as { left: number };
  expect(left).toBeGreaterThan(15_000);
  expect(left).toBeLessThanOrEqual(20_000);
});

test('a second invocation finds the instance warm; two at once have an instance each', async () => {
  const lambda = host('wait');
  const one = await lambda.invoke(arn, { ms: 0 });
  const two = await lambda.invoke(arn, { ms: 0 });
  expect(two?.payload).toEqual({ thread: threadOf(one), count: 2 });
  const both = await Promise.all([lambda.invoke(arn, { ms: 200 }), lambda.invoke(arn, { ms: 200 })]);
  expect(new Set(both.map(threadOf)).size).toBe(2);
});

test('a function is found by its ARN, a version of it, or its name; another is nobody’s', async () => {
  const lambda = host('nothing');
  expect((await lambda.invoke(`${arn}:7`, {}))?.payload).toBe(null);
  expect((await lambda.invoke('work', {}))?.payload).toBe(null);
  expect(lambda.invoke(`${arn}-other`, {})).toBe(null);
});

test('what a handler throws is told by its name, message and trace', async () => {
  expect(await failureOf(host('fails').invoke(arn, {}))).toMatchObject({
    errorType: 'LockTimeout',
    errorMessage: 'held',
    trace: expect.arrayContaining([expect.stringContaining('held'), expect.stringContaining('handler.mjs')]),
  });
  expect(await failureOf(host('failsOddly').invoke(arn, {}))).toEqual({
    errorType: 'Error',
    errorMessage: 'a text',
    trace: [],
  });
});

test('a handler that runs too long is ended, even in a busy loop, and the next invocation has a new instance', async () => {
  const lambda = host('spin', {}, 0.3);
  expect(await failureOf(lambda.invoke(arn, {}))).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.30 seconds$/),
  });
  expect((await failureOf(lambda.invoke(arn, {}))).errorType).toBe('Sandbox.Timedout');
});

test('a killed function fails as Lambda.Unknown, and the next invocation runs', async () => {
  const lambda = host('wait');
  const running = failureOf(lambda.invoke(arn, { ms: 10_000 }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await lambda.kill(arn);
  expect((await running).errorType).toBe('Lambda.Unknown');
  expect((await lambda.invoke(arn, { ms: 0 }))?.payload).toMatchObject({ count: 1 });
});

test('a handler that ends its process, or throws outside the call, fails the invocation', async () => {
  expect(await failureOf(host('exits').invoke(arn, {}))).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: 'Error: Runtime exited with error: exit status 3',
  });
  expect(await failureOf(host('later').invoke(arn, {}))).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'too late',
  });
});

test('a handler that is no function, and a file that is not there, have Lambda’s own error types', async () => {
  expect((await failureOf(host('notAFunction').invoke(arn, {}))).errorType).toBe('Runtime.HandlerNotFound');
  const lambda = createLambdaHost({
    functions: { [arn]: { file: join(directory, 'absent.mjs'), handler: 'echo', env: {}, timeoutSeconds: 5 } },
  });
  hosts.push(lambda);
  expect((await failureOf(lambda.invoke(arn, {}))).errorType).toBe('Runtime.ImportModuleError');
});

test('more than 6 MB is refused on the way in and on the way out', async () => {
  const sixMebibytes = 'x'.repeat(6 * 1024 * 1024);
  expect((await failureOf(host('echo').invoke(arn, sixMebibytes))).errorType).toBe('RequestTooLargeException');
  expect((await failureOf(host('large').invoke(arn, {}))).errorType).toBe('Function.ResponseSizeTooLarge');
});

test('every line of output and errors is told, before the invocation answers', async () => {
  const lines: string[] = [];
  const lambda = host('speaks', { onLog: (line, functionArn) => lines.push(`${line} ${functionArn.slice(-4)}`) });
  await lambda.invoke(arn, {});
  expect(lines.toSorted()).toEqual(['four work', 'one work', 'three work', 'two work']);
});

test('a closed host fails what runs and begins nothing more', async () => {
  const lambda = host('wait');
  const running = failureOf(lambda.invoke(arn, { ms: 10_000 }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await lambda.close();
  expect((await running).errorType).toBe('Lambda.Unknown');
  expect((await failureOf(lambda.invoke(arn, {}))).errorType).toBe('Lambda.Unknown');
});
