import type { Retrier } from './definition.ts';

/** Errors that a wildcard does not match (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation). */
const pastWildcards = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether an error of this name is one of those that `ErrorEquals` names. */
export const matches = (errorEquals: readonly string[], error: string): boolean =>
  errorEquals.some((name) => {
    if (name === error) return error !== 'States.Runtime';
    if (pastWildcards.has(error)) return false;
    if (name === 'States.TaskFailed') return error !== 'States.Timeout';
    return name === 'States.ALL' || (name === 'States.Timeout' && error === 'States.HeartbeatTimeout');
  });

/** Counts the attempts of one visit to a state, each retrier for itself. */
export class Retries {
  count = 0;
  readonly #retriers: readonly Retrier[];
  readonly #attempts = new Map<Retrier, number>();

  constructor(retriers: readonly Retrier[]) {
    this.#retriers = retriers;
  }

  /** How long to wait before the next attempt, in milliseconds; null when there is none. Only the first retrier that matches is asked. */
  next(error: string, random: () => number): number | null {
    const retrier = this.#retriers.find(({ errorEquals }) => matches(errorEquals, error));
    if (!retrier) return null;
    const attempts = this.#attempts.get(retrier) ?? 0;
    if (attempts >= retrier.maxAttempts) return null;
    this.#attempts.set(retrier, attempts + 1);
    this.count += 1;
    const growing = retrier.intervalSeconds * retrier.backoffRate ** attempts;
    const seconds = Math.min(growing, retrier.maxDelaySeconds ?? Number.MAX_SAFE_INTEGER);
    return Math.round(seconds * 1000 * (retrier.jitter === 'FULL' ? random() : 1));
  }
}
