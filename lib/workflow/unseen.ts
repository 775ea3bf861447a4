import { type ErrorCode, LockkeeperError } from '../errors/index.ts';
import type { Unseen } from './actions.ts';
import { pauseSeconds } from './pause.ts';

const unclear = new Set<ErrorCode>(['OutcomeUnknown', 'StatementTimedOut', 'DatabaseUnavailable']);

/** Whether a statement may have run, or may still run, though its call failed. */
export const isUnclear = (error: unknown): error is LockkeeperError =>
  error instanceof LockkeeperError && unclear.has(error.code);

/** So often in a row one migration is sent without its end being seen; then something in it, or the database, breaks each time. */
const limit = 8;

/** What is known of sends of this migration; those of another version say nothing about it. */
const of = (unseen: Unseen | null, version: string): Unseen | null => (unseen?.version === version ? unseen : null);

export const sentTooOften = (unseen: Unseen | null, version: string): boolean =>
  (of(unseen, version)?.sends ?? 0) >= limit;

export const brokenOff = (unseen: Unseen | null, version: string): LockkeeperError =>
  new LockkeeperError(
    'StepBrokenOff',
    `${version} was sent ${of(unseen, version)?.sends ?? 0} times, and each time the connection was lost before its end`,
    { details: { version } },
  );

/** As it stands, beginning now (milliseconds since 1970) when nothing is known yet. */
export const unseenNow = (unseen: Unseen | null, version: string, nowMs: number): Unseen =>
  of(unseen, version) ?? { version, sends: 0, sinceMs: nowMs };

/** With one more send whose end was not seen. */
export const unseenAfter = (unseen: Unseen | null, version: string, nowMs: number): Unseen => {
  const before = unseenNow(unseen, version, nowMs);
  return { ...before, sends: before.sends + 1 };
};

/** Seconds before the next look while it runs on: longer with its age. */
export const lookPause = ({ sinceMs }: Unseen, nowMs: number): number => pauseSeconds(Math.max(0, nowMs - sinceMs));

/** Seconds before it is sent again: one, doubled each time. */
export const resendPause = ({ sends }: Unseen): number => Math.min(60, 2 ** Math.max(0, sends - 1));
