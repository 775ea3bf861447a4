import type { AutoPauseSettings } from './cluster-facts.ts';
import type { Clock } from './clock.ts';

/** Puts a cluster to sleep when nobody calls it, and wakes it at the first call, which is refused until it is awake. */
export class AutoPause {
  readonly #settings: Required<AutoPauseSettings>;
  readonly #clock: Clock;
  readonly #busy: () => boolean;
  #state: 'awake' | 'paused' | 'resuming' = 'awake';
  #disarm: () => void = () => undefined;

  /** `busy`: whether a session of the cluster is in use, which keeps it awake. */
  constructor({ afterMs, resumesInMs = 15_000 }: AutoPauseSettings, clock: Clock, busy: () => boolean) {
    this.#settings = { afterMs, resumesInMs };
    this.#clock = clock;
    this.#busy = busy;
    this.#arm();
  }

  /** Takes note of a call; whether the cluster is awake for it. */
  call(): boolean {
    if (this.#state === 'awake') this.#arm();
    if (this.#state === 'paused') {
      this.#state = 'resuming';
      this.#clock.after(this.#settings.resumesInMs, () => {
        this.#state = 'awake';
        this.#arm();
      });
    }
    return this.#state === 'awake';
  }

  #arm(): void {
    this.#disarm();
    this.#disarm = this.#clock.after(this.#settings.afterMs, () => {
      if (this.#busy()) this.#arm();
      else this.#state = 'paused';
    });
  }

  stop(): void {
    this.#disarm();
  }
}
