import type { WayBack } from '../migration/way-back.ts';
import type { ObservedStatement } from './locks/observed-lock.ts';
import type { Refusal } from './run-section.ts';
import type { SchemaDifference } from './schema-difference.ts';

/** What is wrong with a way back. */
export type Fault =
  /** PostgreSQL refused the down. */
  | { readonly kind: 'down-refused'; readonly refusal: Refusal }
  /** The down left another schema than there was before the up. */
  | { readonly kind: 'down-differs'; readonly difference: SchemaDifference }
  /** After the down PostgreSQL refused the up. */
  | { readonly kind: 'up-again-refused'; readonly refusal: Refusal }
  /** The second up made another schema than the first. */
  | { readonly kind: 'up-again-differs'; readonly difference: SchemaDifference };

/** A migration that was taken up, down and up again. */
export interface Proven {
  readonly version: string;
  readonly file: string;
  readonly chain: string;
  readonly wayBack: WayBack;
  /** Present exactly when `wayBack` is `broken`; in the order in which they were found. */
  readonly faults: readonly Fault[];
  /** Why the data does not come back, or why that is not proven; one line each. */
  readonly notes: readonly string[];
  /** Tables whose columns came back in another order. */
  readonly reordered: readonly string[];
  /** Extensions that the up makes only if they are absent and the down leaves. */
  readonly leftExtensions: readonly string[];
  readonly up: readonly ObservedStatement[];
  readonly down: readonly ObservedStatement[];
  /** Lines of verify queries that did not answer true without the rows that they may want. */
  readonly unverified: readonly number[];
}

/** A migration that could not be tried: its up does not run on the schema before it. */
export interface Unproven {
  readonly version: string;
  readonly file: string;
  readonly chain: string;
  readonly wayBack: null;
  readonly refusal: Refusal;
}
