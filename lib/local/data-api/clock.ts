/** Time for limits and expiries, so that a test needs no waiting. */
export interface Clock {
  /** Runs `act` after `ms` milliseconds; the answer takes it back. */
  after(ms: number, act: () => void): () => void;
}

/** The real one. Its timers do not keep the process alive. */
export const wallClock: Clock = {
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
