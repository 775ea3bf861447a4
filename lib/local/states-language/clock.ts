import { setTimeout as pause } from 'node:timers/promises';

/** Time as the interpreter sees it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds. @throws the signal's reason, at once, when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest that one timer of Node can wait (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 || left === ms; left -= longestTimerMs) {
      signal.throwIfAborted();
      try {
        await pause(Math.max(0, Math.min(left, longestTimerMs)), undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    }
  },
};
