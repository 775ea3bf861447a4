import type { Clock } from '../lib/local/data-api/index.ts';

interface Due {
  readonly atMs: number;
  act(): void;
}

/** Time that passes when it is told to. */
export class SteppedClock implements Clock {
  #nowMs = 0;
  readonly #due = new Set<Due>();

  after(ms: number, act: () => void): () => void {
    const due = { atMs: this.#nowMs + ms, act };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const due of [...this.#due].toSorted((a, b) => a.atMs - b.atMs)) {
      if (due.atMs > this.#nowMs) break;
      if (this.#due.delete(due)) due.act();
    }
  }
}
