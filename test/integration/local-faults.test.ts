import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, it } from 'vitest';
import { startDataApi } from '../../lib/local/data-api/index.ts';
import { startRds } from '../../lib/local/rds/index.ts';
import { scheduledFaults, type ServiceFault } from '../../lib/local/service-faults.ts';
import { readDefinition, VirtualClock } from '../../lib/local/states-language/index.ts';
import { startStepFunctions } from '../../lib/local/step-functions/index.ts';
import { machine } from '../support/states-language.ts';
import { clusterNames, credentials, rdsClient } from '../support/snapshot-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-faults-'));
afterAll(() => rmSync(directory, { recursive: true }));
const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test';

/** How the first call ends under a fault, and how long that took by the clock. */
const states = async (kind: ServiceFault, send: 'start' | 'describe') => {
  const clock = new VirtualClock();
  const server = await startStepFunctions({
    clock,
    directory: mkdtempSync(join(directory, 'states-')),
    credentials,
    machines: {
      [stateMachineArn]: { name: 'Test', definition: readDefinition(machine({ A: { Type: 'Pass', End: true } })) },
    },
    tasks: { run: async () => null },
    faults: scheduledFaults([{ call: 1, kind }], ['startExecution', 'describeStateMachine']),
  });
  const client = new SFNClient({ region: 'local', endpoint: server.url, credentials, maxAttempts: 1 });
  const call = (): Promise<unknown> =>
    send === 'start'
      ? client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{}' }))
      : client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const began = clock.now();
  const first = await ended(call());
  const ms = clock.now() - began;
  const done = (await server.listExecutions({ stateMachineArn })).executions?.length;
  client.destroy();
  await server.close();
  return { first, done, ms };
};
const ended = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    ({ name, code }: Error & { code?: string }) => code ?? name,
  );

describe('a fault of Step Functions', () => {
  it.each([
    ['refused', { first: 'ThrottlingException', done: 0, ms: 0 }],
    ['request-lost', { first: 'ECONNRESET', done: 0, ms: 0 }],
    ['reply-lost', { first: 'ECONNRESET', done: 1, ms: 0 }],
    ['quota', { first: 'ExecutionLimitExceeded', done: 0, ms: 0 }],
    ['slow', { first: 'done', done: 1, ms: 1000 }],
  ] as const)('%s', async (kind, expected) => {
    expect(await states(kind, 'start')).toEqual(expected);
  });
  it('a quota that the service does not have is not imitated', async () => {
    expect(await states('quota', 'describe')).toMatchObject({ first: 'UnknownOperationException' });
  });
  it('of a kind that does not exist is said to be unknown, with those that are', async () => {
    expect(await states('eaten' as ServiceFault, 'start').catch(({ message }: Error) => message)).toBe(
      'the fault names the unknown kind eaten; known are refused, request-lost, reply-lost, slow, quota',
    );
  });
});

describe('a fault of RDS', () => {
  it.each([
    ['refused', 'Throttling'],
    ['request-lost', 'ECONNRESET'],
    ['reply-lost', 'ECONNRESET'],
    ['quota', 'SnapshotQuotaExceededFault'],
    ['slow', 'DBClusterNotFoundFault'],
  ] as const)('%s', async (kind, expected) => {
    const clock = new VirtualClock();
    const rds = await startRds({
      clock: { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, new AbortController().signal) },
      credentials,
      cluster: {
        ...clusterNames,
        kind: 'external',
        url: 'postgresql://127.0.0.1:9/app',
        withDrained: (work) => work(),
      },
      directory: mkdtempSync(join(directory, 'rds-')),
      faults: { call: scheduledFaults([{ call: 1, kind }], ['CreateDBClusterSnapshot']) },
    });
    const client = rdsClient(rds.url);
    const create = () =>
      ended(client.createDBClusterSnapshot({ DBClusterIdentifier: 'other', DBClusterSnapshotIdentifier: 'a' }));
    const began = clock.now();
    expect([await create(), clock.now() - began]).toEqual([expected, kind === 'slow' ? 1000 : 0]);
    expect(await create()).toBe('DBClusterNotFoundFault');
    client.destroy();
    await rds.close();
  });
});

const refused = (faults: readonly object[]) => startDataApi({ clusters: [], faults: faults as never });

describe('a schedule of faults', () => {
  it('is refused when it names an unknown kind, and says which are known', async () => {
    await expect(refused([{ call: 1, kind: 'reply-eaten' }])).rejects.toMatchObject({
      code: 'UsageInvalid',
      message: expect.stringMatching(
        /^the fault names the unknown kind reply-eaten; known are request-lost, reply-lost, reply-cut, failed-before,/,
      ),
    });
  });
  it('is refused when it names an unknown operation, and says which are known', async () => {
    await expect(refused([{ call: 1, operation: 'Execute', kind: 'reply-lost' }])).rejects.toMatchObject({
      message:
        'the fault names the unknown operation Execute; known are ExecuteStatement, BatchExecuteStatement, BeginTransaction, CommitTransaction, RollbackTransaction',
    });
  });
  it('is refused when a call is no number from 1', async () => {
    await expect(refused([{ call: 0, kind: 'reply-lost' }])).rejects.toMatchObject({
      message: 'the fault names the unknown call 0; known are whole numbers from 1',
    });
  });
  it('is refused when it says more than call, operation and kind', async () => {
    await expect(refused([{ call: 1, op: 'ExecuteStatement', kind: 'reply-lost' }])).rejects.toMatchObject({
      message: 'the fault names the unknown member op; known are call, operation, kind',
    });
  });
});
