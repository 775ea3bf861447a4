/** What a bench found. */
export interface Measured {
  /** Numbers by name, milliseconds, seconds and bytes as the names say. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** What was measured on what, in a sentence or two. */
  readonly how: string;
  /** The figures for a person, without a final line end. */
  readonly table: string;
}

export interface Bench {
  /** `say` takes a line of progress. */
  measure(say: (line: string) => void): Promise<Measured>;
}
