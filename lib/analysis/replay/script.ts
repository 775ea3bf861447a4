import type { Allow, Section } from '../../migration/index.ts';

/** One file to be analysed: a migration, or bare SQL that is taken for an up. */
export interface Script {
  readonly file: string;
  /** The file's canonical text, lines counted from 1. */
  readonly text: string;
  /** Null for bare SQL. */
  readonly version: string | null;
  readonly up: Section;
  readonly down: Section | null;
  readonly verify: Section | null;
  readonly allows: readonly Allow[];
}
