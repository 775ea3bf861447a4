import { SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { follow } from '../../lib/cli/follow.ts';
import { entered, executionSucceeded, history, started } from '../support/history-events.ts';
import {
  openScriptedStepFunctions,
  type Script,
  type ScriptedStepFunctions,
} from '../support/scripted-step-functions.ts';

const events = history([
  started(),
  entered('One'),
  entered('Two'),
  entered('Three'),
  executionSucceeded({ message: 'fine' }),
]);
const execution = 'arn:aws:states:eu-central-1:111122223333:execution:shop-Migrate:run-1';

let server: ScriptedStepFunctions | undefined;
afterEach(() => server?.close());

const followed = async (
  script: Omit<Script, 'machines'>,
  options: { patience?: number; signal?: AbortSignal } = {},
) => {
  server = await openScriptedStepFunctions({ machines: { 'shop-Migrate': events }, ...script });
  const client = new SFNClient({
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  const ids: (number | undefined)[] = [];
  try {
    const end = await follow({
      client,
      execution,
      pollMs: 1,
      patience: options.patience ?? 0,
      signal: options.signal ?? new AbortController().signal,
      onEvent: ({ id }) => ids.push(id),
    });
    return { end, ids };
  } finally {
    client.destroy();
  }
};

const succeeded = { status: 'SUCCEEDED', output: '{"message":"fine"}', error: null, cause: null };

describe('following an execution', () => {
  it('gives each event once and in order while the history grows, over pages', async () => {
    expect(await followed({ growBy: 1, pageSize: 2 })).toEqual({ end: succeeded, ids: [1, 2, 3, 4, 5] });
  });

  it('reads only the last page again', async () => {
    await followed({ growBy: 1, pageSize: 2 });
    const tokens = server?.calls.map(({ input }) => input.nextToken ?? '0');
    expect(tokens?.filter((token) => token === '0')).toHaveLength(3);
  });

  it('begins again from the first page when its token has expired, without telling an event twice', async () => {
    const script = { growBy: 1, pageSize: 2, failReads: { 5: { status: 400, name: 'InvalidToken' } } };
    expect(await followed(script)).toEqual({ end: succeeded, ids: [1, 2, 3, 4, 5] });
  });

  it('goes on after failures that pass', async () => {
    const failReads = { 1: { status: 500, name: 'InternalFailure' }, 3: { status: 400, name: 'ThrottlingException' } };
    expect((await followed({ growBy: 1, failReads }, { patience: 1 })).end).toEqual(succeeded);
  });

  it('gives up after more failures in a row than its patience, and at once when they cannot pass', async () => {
    const failure = { status: 500, name: 'InternalFailure' };
    await expect(followed({ failReads: { 1: failure, 2: failure } }, { patience: 1 })).rejects.toThrow(
      'InternalFailure',
    );
    await expect(
      followed({ failReads: { 1: { status: 400, name: 'AccessDeniedException' } } }, { patience: 9 }),
    ).rejects.toThrow('AccessDenied');
  });

  it('ends without a verdict when it is interrupted', async () => {
    expect((await followed({ growBy: 0 }, { signal: AbortSignal.timeout(50) })).end).toBeNull();
  });
});
