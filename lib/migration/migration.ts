import type { Directives } from './directives.ts';
import type { FileName } from './file-name.ts';
import type { Allow } from './markers.ts';

/** The text between two markers. */
export interface Section {
  readonly text: string;
  /** Line of the file on which `text` begins, from 1. */
  readonly line: number;
  readonly transactional: boolean;
}

/** A migration as its file says it, not yet parsed as SQL. */
export interface Migration extends FileName, Directives {
  /** The file's canonical text. */
  readonly text: string;
  readonly checksum: string;
  readonly up: Section;
  /** Null exactly when `irreversible` is not. */
  readonly down: Section | null;
  readonly verify: Section | null;
  readonly allows: readonly Allow[];
}
