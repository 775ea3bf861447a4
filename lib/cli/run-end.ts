import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** How an execution ended, from the last event of its history. */
export interface RunEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** JSON text; null unless it succeeded. */
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

const unsuccessful = (
  status: RunEnd['status'],
  details: { error?: string | undefined; cause?: string | undefined } | undefined,
): RunEnd => ({ status, output: null, error: details?.error ?? null, cause: details?.cause ?? null });

/** Null for every event that is not the end. */
export const runEnd = (event: HistoryEvent): RunEnd | null => {
  switch (event.type) {
    case 'ExecutionSucceeded':
      return {
        status: 'SUCCEEDED',
        output: event.executionSucceededEventDetails?.output ?? null,
        error: null,
        cause: null,
      };
    case 'ExecutionFailed':
      return unsuccessful('FAILED', event.executionFailedEventDetails);
    case 'ExecutionTimedOut':
      return unsuccessful('TIMED_OUT', event.executionTimedOutEventDetails);
    case 'ExecutionAborted':
      return unsuccessful('ABORTED', event.executionAbortedEventDetails);
    default:
      return null;
  }
};
