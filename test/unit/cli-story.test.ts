import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { storyteller } from '../../lib/cli/story.ts';
import {
  answered,
  called,
  entered,
  failedWith,
  history,
  invoked,
  planFixture,
  started,
} from '../support/history-events.ts';

const told = (events: readonly HistoryEvent[], direction: 'up' | 'down' = 'up') => {
  const tell = storyteller(direction);
  return events.flatMap((event) => tell(event)).map(({ at, ...line }) => (expect(at).toMatch(/^2026-01-02T/), line));
};
const without = (type: string, lines: ReturnType<typeof told>) => lines.filter((line) => line.type !== type);
const ref = (version: string) => ({ version, revision: 0 });
const running = (progress: string, afterMs: number) =>
  answered({ status: 'running', waitSeconds: 1, unseen: null, progress }, afterMs);
const waits = () => [
  invoked({ action: 'acquire' }),
  answered({ taken: false, holder: 'arn:aws:states:r:1:execution:m:a', waitSeconds: 10 }, 10_000),
];

describe('the story of a run', () => {
  it('tells plan, lease, batch, snapshot and a second batch with their durations', () => {
    const events = history([
      started(),
      entered('Check the ledger'),
      invoked({ action: 'check' }),
      answered({
        decision: 'go',
        plan: planFixture,
        message: '2 migrations to apply',
        leaseWaitSeconds: 600,
        target: '20260102000000',
        pending: '20260101000000*2@0',
        planned: null,
      }),
      entered('Take the lease'),
      invoked({ action: 'acquire' }),
      answered({ taken: true, token: 7 }),
      entered('Apply a batch'),
      invoked({ action: 'apply', migrations: [ref('20260101000000')] }),
      answered({ status: 'done', applied: 1, already: 0, last: '20260101000000', unseen: null }, 120),
      entered('Create the snapshot'),
      called('createDBClusterSnapshot', { DbClusterSnapshotIdentifier: 'shop-1' }),
      entered('Record the snapshot'),
      { ...invoked({ action: 'recordSnapshot', identifier: 'shop-1' }), afterMs: 45_000 },
      answered({ recorded: true }),
      invoked({ action: 'apply', migrations: [ref('20260102000000'), ref('20260103000000')] }),
      answered({ status: 'done', applied: 1, already: 0, last: '20260102000000', unseen: null }, 80),
    ]);
    expect(without('state', told(events))).toEqual([
      { type: 'plan', decision: 'go', message: '2 migrations to apply', plan: planFixture },
      { type: 'lease', token: 7 },
      { type: 'batch-started', direction: 'up', versions: ['20260101000000'] },
      { type: 'batch', direction: 'up', versions: ['20260101000000'], count: 1, already: 0, durationMs: 120 },
      { type: 'snapshot-started', identifier: 'shop-1' },
      { type: 'snapshot', identifier: 'shop-1', durationMs: 45_000 },
      { type: 'batch-started', direction: 'up', versions: ['20260102000000', '20260103000000'] },
      { type: 'batch', direction: 'up', versions: ['20260102000000'], count: 1, already: 0, durationMs: 80 },
    ]);
  });

  it('names states as they are entered', () => {
    const events = history([entered('Check the ledger'), entered('Anything to do?', 'ChoiceStateEntered')]);
    expect(told(events)).toEqual([
      { type: 'state', state: 'Check the ledger' },
      { type: 'state', state: 'Anything to do?' },
    ]);
  });

  it('tells the progress of a statement alone once while it stays the same, and again after a minute', () => {
    const look = invoked({ action: 'advance', migration: ref('20260101000000') });
    const events = history([
      look,
      running('scanning table 10 %', 1000),
      look,
      running('scanning table 10 %', 1000),
      look,
      running('scanning table 42 %', 1000),
      look,
      running('scanning table 42 %', 60_000),
      look,
      answered({ status: 'done', unseen: null }, 1000),
    ]);
    const migration = '20260101000000';
    expect(told(events)).toEqual([
      { type: 'alone-started', direction: 'up', migration },
      { type: 'progress', migration, progress: 'scanning table 10 %' },
      { type: 'progress', migration, progress: 'scanning table 42 %' },
      { type: 'progress', migration, progress: 'scanning table 42 %' },
      { type: 'alone', direction: 'up', migration, durationMs: 64_000 },
    ]);
  });

  it('tells once who holds the lease', () => {
    expect(told(history([...waits(), ...waits(), ...waits()]))).toEqual([
      { type: 'lease-wait', holder: 'arn:aws:states:r:1:execution:m:a', waitSeconds: 10 },
    ]);
  });

  it('counts what passes in a state and leaves a final error to the end of the run', () => {
    const events = history([
      entered('Apply a batch'),
      invoked({ action: 'apply', migrations: [ref('20260101000000')] }),
      failedWith('LockTimeout', 'waited too long for a lock'),
      invoked({ action: 'apply', migrations: [ref('20260101000000')] }),
      failedWith('LockTimeout', 'waited too long for a lock'),
      invoked({ action: 'apply', migrations: [ref('20260101000000')] }),
      failedWith('MigrationFailed', 'x.sql:3: relation "t" already exists'),
    ]);
    expect(without('state', told(events))).toEqual([
      { type: 'batch-started', direction: 'up', versions: ['20260101000000'] },
      {
        type: 'trouble',
        state: 'Apply a batch',
        code: 'LockTimeout',
        message: 'waited too long for a lock',
        attempt: 1,
      },
      {
        type: 'trouble',
        state: 'Apply a batch',
        code: 'LockTimeout',
        message: 'waited too long for a lock',
        attempt: 2,
      },
    ]);
  });

  it('reads Lambdas that are called by their own ARN', () => {
    const events = history([
      {
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { resource: 'arn:f', input: '{"action":"acquire"}' },
      },
      { type: 'LambdaFunctionSucceeded', lambdaFunctionSucceededEventDetails: { output: '{"taken":true,"token":3}' } },
    ]);
    expect(told(events)).toEqual([{ type: 'lease', token: 3 }]);
  });

  it('passes over what it does not know: other actions, other answers, hidden data', () => {
    const events = history([
      invoked({ action: 'juggle' }),
      answered({ status: 'done', unseen: null }),
      invoked({ action: 'check' }),
      answered({ decision: 'dance' }),
      {
        type: 'TaskScheduled',
        taskScheduledEventDetails: { resourceType: 'lambda', resource: 'invoke', region: 'r', parameters: 'HIDDEN' },
      },
      { type: 'TaskSucceeded', taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke' } },
      { type: 'WaitStateExited', stateExitedEventDetails: { name: 'Wait' } },
    ]);
    expect(told(events)).toEqual([]);
  });
});
