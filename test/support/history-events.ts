import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Plan } from '../../lib/workflow/actions.ts';

const epochMs = Date.UTC(2026, 0, 2, 3, 4, 5);

type Part = Omit<HistoryEvent, 'id' | 'timestamp'> & { readonly afterMs?: number };

/** Numbers and dates events as Step Functions does; `afterMs` is the time since the one before. */
export const history = (parts: readonly Part[]): HistoryEvent[] => {
  let atMs = epochMs;
  return parts.map(({ afterMs = 0, ...event }, at) => {
    atMs += afterMs;
    return { ...event, id: at + 1, previousEventId: at, timestamp: new Date(atMs) };
  });
};

export const entered = (name: string, type: HistoryEvent['type'] = 'TaskStateEntered'): Part => ({
  type,
  stateEnteredEventDetails: { name, input: '{}' },
});

export const invoked = (payload: Record<string, unknown>): Part => ({
  type: 'TaskScheduled',
  taskScheduledEventDetails: {
    resourceType: 'lambda',
    resource: 'invoke',
    region: 'eu-central-1',
    parameters: JSON.stringify({
      FunctionName: 'arn:aws:lambda:eu-central-1:111122223333:function:database:7',
      Payload: payload,
    }),
  },
});

export const answered = (payload: unknown, afterMs = 0): Part => ({
  type: 'TaskSucceeded',
  afterMs,
  taskSucceededEventDetails: {
    resourceType: 'lambda',
    resource: 'invoke',
    output: JSON.stringify({ ExecutedVersion: '7', Payload: payload, StatusCode: 200 }),
  },
});

export const failedWith = (error: string, errorMessage: string, afterMs = 0): Part => ({
  type: 'TaskFailed',
  afterMs,
  taskFailedEventDetails: {
    resourceType: 'lambda',
    resource: 'invoke',
    error,
    cause: JSON.stringify({ errorType: error, errorMessage, trace: [] }),
  },
});

export const called = (resource: string, parameters: Record<string, unknown>): Part => ({
  type: 'TaskScheduled',
  taskScheduledEventDetails: {
    resourceType: 'aws-sdk:rds',
    resource,
    region: 'eu-central-1',
    parameters: JSON.stringify(parameters),
  },
});

export const started = (): Part => ({
  type: 'ExecutionStarted',
  executionStartedEventDetails: { input: '{}', roleArn: 'arn:aws:iam::111122223333:role/r' },
});

export const executionSucceeded = (output: unknown): Part => ({
  type: 'ExecutionSucceeded',
  executionSucceededEventDetails: { output: JSON.stringify(output) },
});

export const executionFailed = (error: string, cause: string): Part => ({
  type: 'ExecutionFailed',
  executionFailedEventDetails: { error, cause },
});

export const planFixture: Plan = {
  direction: 'up',
  digest: 'd1ge57',
  count: 2,
  steps: [
    {
      version: '20260101000000',
      name: 'create-users',
      kind: 'batch',
      statements: 1,
      loss: 'none',
      snapshot: false,
      does: ['CREATE TABLE'],
      facts: { locks: [], moreLocks: 0, losses: [], moreLosses: 0 },
      wayBack: 'schema-and-data',
    },
    {
      version: '20260102000000',
      name: 'drop-legacy',
      kind: 'batch',
      statements: 2,
      loss: 'data',
      snapshot: true,
      does: ['DROP TABLE'],
      facts: {
        locks: [{ object: 'legacy', mode: 'ACCESS EXCLUSIVE', duration: 'instant', waits: 'reads and writes' }],
        moreLocks: 0,
        losses: [{ does: 'DROP TABLE', object: 'legacy', loss: 'data', of: 'old', line: 2 }],
        moreLosses: 0,
      },
      wayBack: null,
    },
  ],
  destructive: true,
  destructiveCount: 1,
  snapshot: true,
  approval: false,
  newer: 0,
  appliedCount: 5,
  lastApplied: '20251231000000',
  manifest: 'a'.repeat(64),
};
