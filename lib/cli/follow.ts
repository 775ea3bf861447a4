import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunEnd, runEnd } from './run-end.ts';

export interface FollowOptions {
  readonly client: SFNClient;
  readonly execution: string;
  readonly pollMs: number;
  /** Ends the following, not the execution. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: HistoryEvent) => void;
  /** How many reads in a row may fail for a passing reason (network, throttling, 5xx) before the last error is thrown. */
  readonly patience: number;
}

const pageSize = 1000;

const isPassing = (error: unknown): boolean => {
  const {
    $metadata,
    name = '',
    code,
  } = error as {
    $metadata?: { httpStatusCode?: number };
    name?: string;
    code?: string;
  };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500 || status === 429 || /Throttl|TooManyRequests/.test(name);
  return code !== undefined || /Timeout|Network/.test(name);
};

/**
 * Reads an execution's history until its end, each event once and in order; null when `signal` ended it first.
 * A page is complete when it has a successor: only the last one is read again.
 */
export const follow = async (options: FollowOptions): Promise<RunEnd | null> => {
  const { client, execution, pollMs, signal, onEvent, patience } = options;
  let seen = 0;
  let page: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { events = [], nextToken } = await client.send(
        new GetExecutionHistoryCommand({ executionArn: execution, maxResults: pageSize, nextToken: page }),
        { abortSignal: signal },
      );
      failures = 0;
      for (const event of events) {
        if ((event.id ?? 0) <= seen) continue;
        seen = event.id ?? seen;
        onEvent(event);
        const end = runEnd(event);
        if (end) return end;
      }
      if (nextToken !== undefined) {
        page = nextToken;
        continue;
      }
    } catch (error) {
      if (signal.aborted) return null;
      // a page's token lives for a day: begin again from the first, past what was seen
      if ((error as Error).name === 'InvalidToken' && page !== undefined) page = undefined;
      else if (!isPassing(error) || ++failures > patience) throw error;
    }
    await sleep(pollMs * Math.min(2 ** failures, 16), undefined, { signal }).catch(() => undefined);
  }
  return null;
};
