import { SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { begin, type DeploymentPorts, follow, type Reply, type Request } from '../../lambdas/deploy/deployment.ts';
import {
  type ScriptedEnd,
  type ScriptedStepFunctions,
  scriptedStepFunctions,
} from '../support/step-functions-script.ts';

const stateMachineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Shop-Migrate';
const execution = 'arn:aws:states:eu-central-1:111122223333:execution:Shop-Migrate:deploy-abababababab-';
const startMs = Date.parse('2026-01-01T00:00:00Z');
const minutes = (count: number): number => startMs + count * 60_000;

const request = (rest: Partial<Request> = {}): Request => ({
  RequestType: 'Create',
  RequestId: 'f4ef1b10-c39a-44e3-99c0-fbf7e53c3943',
  LogicalResourceId: 'MigrationsRun',
  ResourceProperties: { manifest: 'ab'.repeat(32) },
  ...rest,
});

let service: ScriptedStepFunctions | undefined;
let client: SFNClient | undefined;
afterEach(async () => {
  client?.destroy();
  await service?.close();
});

/** The whole custom resource against executions that end as scripted; `atMs` is the time of each look. */
const deploy = async (
  ends: readonly ScriptedEnd[],
  atMs: readonly number[],
  asked = request(),
): Promise<Reply | undefined> => {
  service = await scriptedStepFunctions(ends, startMs);
  client = new SFNClient({
    endpoint: service.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
  let nowMs = startMs;
  const ports: DeploymentPorts = { client, stateMachineArn, now: () => nowMs };
  const begun = await begin(asked, ports);
  const { PhysicalResourceId, Data } = begun;
  let reply: Reply | undefined;
  for (nowMs of atMs) {
    reply = await follow(
      { ...asked, ...(PhysicalResourceId ? { PhysicalResourceId } : {}), ...(Data ? { Data } : {}) },
      ports,
    );
    if (reply.IsComplete === true) break;
  }
  return reply;
};

test('a deployment starts Migrate with the manifest it deployed and ends when the run has', async () => {
  const reply = await deploy([{ status: 'SUCCEEDED', after: 2 }], [minutes(1), minutes(2), minutes(3)]);
  expect(reply?.IsComplete).toBe(true);
  expect(reply?.Data?.execution).toMatch(new RegExp(`^${execution}[0-9a-f]{12}-1$`));
  expect(service?.started.map(({ input }) => JSON.parse(input))).toEqual([
    { manifest: 'ab'.repeat(32), Comment: 'started by a deployment' },
  ]);
});

test('a request that comes twice starts one run', async () => {
  await deploy([{ status: 'RUNNING' }], []);
  const ports = { client: client as SFNClient, stateMachineArn, now: () => startMs };
  await begin(request(), ports);
  expect(service?.started).toHaveLength(1);
  await begin(request({ RequestId: 'another' }), ports);
  expect(service?.started).toHaveLength(2);
});

test('a failed run fails the deployment with its code, its cause and its execution', async () => {
  const cause =
    'column "fax" of relation "customer" does not exist (42703)\nnow: nothing is half done\ndo: correct the migration';
  const deployment = deploy([{ status: 'FAILED', error: 'MigrationFailed', cause }], [minutes(1)]);
  await expect(deployment).rejects.toMatchObject({
    name: 'MigrationFailed',
    message: expect.stringMatching(
      new RegExp(`^MigrationFailed: column "fax".*\\(42703\\)\nnow: .*\ndo: .*\nexecution: ${execution}`),
    ),
  });
});

test('an aborted run fails the deployment as aborted', async () => {
  await expect(deploy([{ status: 'ABORTED' }], [minutes(1)])).rejects.toMatchObject({
    name: 'RunAborted',
    message: expect.stringContaining('the execution ended ABORTED'),
  });
});

test('a cause longer than a reply to CloudFormation may be is cut', async () => {
  const error: unknown = await deploy(
    [{ status: 'FAILED', error: 'MigrationFailed', cause: 'ü'.repeat(9_000) }],
    [minutes(1)],
  ).catch((thrown: unknown) => thrown);
  const bytes = Buffer.byteLength((error as Error).message);
  expect(bytes).toBeGreaterThan(2_000);
  expect(bytes).toBeLessThan(3_000);
});

test('a run that still had the old definition is started again until the new one is in place', async () => {
  const mismatch = { status: 'FAILED', error: 'ManifestMismatch', cause: 'expected abab, found cdcd' };
  const reply = await deploy(
    [mismatch, mismatch, { status: 'SUCCEEDED' }],
    [1, 2, 3, 4].map((n) => startMs + n * 15_000),
  );
  expect(reply?.IsComplete).toBe(true);
  expect(service?.started.map(({ name }) => name.at(-1))).toEqual(['1', '2', '3']);
});

test('a manifest that is refused for more than five minutes fails the deployment', async () => {
  const mismatch = { status: 'FAILED', error: 'ManifestMismatch', cause: 'expected abab, found cdcd' };
  await expect(deploy([mismatch], [minutes(1), minutes(4), minutes(6)])).rejects.toMatchObject({
    name: 'ManifestMismatch',
  });
  expect(service?.started).toHaveLength(3);
});

test('a run longer than CloudFormation waits for is named as still running, before CloudFormation gives up', async () => {
  const deployment = deploy([{ status: 'RUNNING' }], [minutes(54), minutes(55)]);
  await expect(deployment).rejects.toMatchObject({
    name: 'RunStillRunning',
    message: expect.stringMatching(`^still running after 55 minutes: ${execution}`),
  });
});

test('a deletion starts nothing and keeps what is applied', async () => {
  const reply = await deploy(
    [],
    [minutes(1)],
    request({ RequestType: 'Delete', PhysicalResourceId: 'lockkeeper-MigrationsRun' }),
  );
  expect(reply).toEqual({ IsComplete: true });
  expect(service?.started).toEqual([]);
});

test('an update keeps the physical id, so that CloudFormation deletes nothing after it', async () => {
  service = await scriptedStepFunctions([], startMs);
  client = new SFNClient({
    endpoint: service.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  const ports = { client, stateMachineArn, now: () => startMs };
  const { PhysicalResourceId } = await begin(
    request({ RequestType: 'Update', PhysicalResourceId: 'lockkeeper-MigrationsRun' }),
    ports,
  );
  expect(PhysicalResourceId).toBe('lockkeeper-MigrationsRun');
  expect((await begin(request(), ports)).PhysicalResourceId).toBe('lockkeeper-MigrationsRun');
});
