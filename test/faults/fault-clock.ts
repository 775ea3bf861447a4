import type { Clock } from '../../lib/local/states-language/index.ts';

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** Virtual time that several executions share: it jumps to the next waking when nobody is at work, and can be made to jump. */
export class FaultClock implements Clock {
  #now = Date.now();
  #sleepers: Sleeper[] = [];
  #working = 0;
  #planned = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        until: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#sleepers.push(sleeper);
      this.#plan();
    });
  }

  /** Time stands still from here to `leave`. */
  enter(): void {
    this.#working += 1;
  }
  leave(): void {
    this.#working -= 1;
    this.#plan();
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Somebody at work is asleep: time may pass until `work` has ended. */
  async aside<Result>(work: Promise<Result>): Promise<Result> {
    this.leave();
    try {
      return await work;
    } finally {
      this.enter();
    }
  }

  jump(ms: number): void {
    this.#wakeUntil(this.#now + ms);
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      if (this.#working > 0 || this.#sleepers.length === 0) return;
      this.#wakeUntil(Math.min(...this.#sleepers.map(({ until }) => until)));
    });
  }

  #wakeUntil(instant: number): void {
    this.#now = Math.max(this.#now, instant);
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const sleeper of due) sleeper.wake();
    if (this.#sleepers.length > 0) this.#plan();
  }
}
