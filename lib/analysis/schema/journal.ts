/** Changes to maps that can be taken back to a mark, so that a down can be tried and forgotten without copying anything. */
export interface Journal {
  readonly undo: (() => void)[];
}

/** A map that writes into a journal what it was before each change. */
export class JournaledMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #journal: Journal;
  constructor(journal: Journal) {
    this.#journal = journal;
  }
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }
  has(key: string): boolean {
    return this.#entries.has(key);
  }
  values(): IterableIterator<Value> {
    return this.#entries.values();
  }
  /** All values as they are now, for a loop that changes the map. */
  list(): Value[] {
    return [...this.#entries.values()];
  }
  get size(): number {
    return this.#entries.size;
  }
  set(key: string, value: Value): void {
    const before = this.#entries.get(key);
    this.#journal.undo.push(
      before === undefined ? () => this.#entries.delete(key) : () => this.#entries.set(key, before),
    );
    this.#entries.set(key, value);
  }
  delete(key: string): void {
    const before = this.#entries.get(key);
    if (before === undefined) return;
    this.#journal.undo.push(() => this.#entries.set(key, before));
    this.#entries.delete(key);
  }
}
