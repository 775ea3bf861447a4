import type { Clock as DataApiClock } from '../../lib/local/data-api/clock.ts';
import type { Clock } from '../../lib/local/states-language/index.ts';
import { FaultClock } from '../faults/fault-clock.ts';

interface Due {
  readonly at: number;
  readonly work: () => Promise<unknown> | void;
}

/**
 * Virtual time of one runner: it passes while the machine waits and while a call is known to be held up, never while anybody works.
 * What is due at an instant is done when time comes past it; by itself it lets no time pass.
 */
export class VirtualTime implements Clock {
  readonly #clock = new FaultClock();
  #due: Due[] = [];
  /** Aborted when something more is due, for those who sleep past it. */
  #changed = new AbortController();

  now(): number {
    return this.#clock.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!(await this.#sleepUntil(next?.at ?? until, signal))) continue;
      if (next === undefined) return;
      if (this.#due.includes(next)) await this.#perform(next);
    }
  }

  /** Whether it slept so long; false when meanwhile something more is due. */
  async #sleepUntil(instant: number, signal: AbortSignal | undefined): Promise<boolean> {
    const { signal: changed } = this.#changed;
    try {
      const either = signal ? AbortSignal.any([signal, changed]) : changed;
      await this.#clock.sleep(Math.max(0, instant - this.now()), either);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      if (changed.aborted) return false;
      throw error;
    }
  }

  /** Does `work` so many milliseconds from now, while time stands still; the answer takes it back. */
  in(ms: number, work: Due['work']): () => void {
    const due = { at: this.now() + ms, work };
    this.#due.push(due);
    this.#changed.abort();
    this.#changed = new AbortController();
    return () => (this.#due = this.#due.filter((each) => each !== due));
  }

  /** Lets time pass while nothing of the machine runs. */
  async pass(ms: number): Promise<void> {
    await this.sleep(ms);
  }

  async #perform(due: Due): Promise<void> {
    this.#due = this.#due.filter((each) => each !== due);
    await this.during(async () => due.work());
  }

  /** Time stands still until `work` has ended. */
  during<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#clock.during(work);
  }
  enter(): void {
    this.#clock.enter();
  }
  leave(): void {
    this.#clock.leave();
  }
}

/** The Data API's 45 s let time pass while a call is held up; its other limits are due when time comes past them. */
export const dataApiClock = (
  time: VirtualTime,
  isCallLimit: (ms: number) => boolean,
  onLimit: () => void,
): DataApiClock => ({
  after(ms, act) {
    if (!isCallLimit(ms)) return time.in(ms, act);
    const over = new AbortController();
    time.sleep(ms, over.signal).then(
      () => {
        onLimit();
        act();
      },
      () => undefined,
    );
    return () => over.abort();
  },
});
