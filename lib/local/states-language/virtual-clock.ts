import type { Clock } from './clock.ts';

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** A clock for tests: when all that runs is asleep it jumps to the next instant at which somebody wakes. */
export class VirtualClock implements Clock {
  /** Every pause that was asked for, in milliseconds, in the order of asking. */
  readonly pauses: number[] = [];
  #now: number;
  #sleepers: Sleeper[] = [];
  #awake = 0;
  #planned = false;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.pauses.push(ms);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      };
      const sleeper = {
        until: this.#now + ms,
        wake: (): void => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#sleepers.push(sleeper);
      this.#plan();
    });
  }

  /** Time stands still until `work` has ended: for what does input and output in real time. */
  async standStill<Result>(work: Promise<Result>): Promise<Result> {
    this.#awake += 1;
    try {
      return await work;
    } finally {
      this.#awake -= 1;
      this.#plan();
    }
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      if (this.#awake > 0 || this.#sleepers.length === 0) return;
      this.#now = Math.max(this.#now, Math.min(...this.#sleepers.map(({ until }) => until)));
      const due = this.#sleepers.filter(({ until }) => until <= this.#now);
      this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
      for (const sleeper of due) sleeper.wake();
      if (this.#sleepers.length > 0) this.#plan();
    });
  }
}
