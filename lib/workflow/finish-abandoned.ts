import type { Ports } from './ports.ts';
import { runComment } from './apply.ts';

/** What is known of an execution that ended without its machine's own ending. */
export interface AbandonedRun {
  readonly run: string;
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
}

export interface AbandonedOutcome {
  /** Whether the run still held the lease, which is free now. */
  readonly released: boolean;
  /** Statements of the run that were cancelled. */
  readonly cancelled: number;
}

/**
 * Cleans up behind an execution that was aborted, timed out or failed before it could: cancels its statements, releases its lease under a new token.
 * A run that ended by itself is left as it is. Safe to repeat.
 */
export const finishAbandoned = async (
  { ledger, telemetry }: Ports,
  { run, status }: AbandonedRun,
): Promise<AbandonedOutcome> => {
  const statements = await ledger.activity(runComment(run));
  const cancelled = await ledger.cancel(statements.map(({ pid }) => pid));
  const summary = await ledger.endRun({ token: null, run, verdict: 'aborted', detail: { status } });
  const released = summary !== null;
  telemetry.info('execution ended without its own ending', { run, status, released, cancelled });
  if (released) telemetry.measure('RunsFailed', 1);
  return { released, cancelled };
};
