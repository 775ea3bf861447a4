import type { BodyOf, NodeKind } from '../facts/facts.ts';

/** Where a refused statement stands. */
export interface Setting {
  readonly ledgerSchema: string;
  /** Whether the section runs in a transaction. */
  readonly transactional: boolean;
}

/** Why a statement may not stand in a migration and what to do instead; null when it may. */
export type Refusal = string | null;

export type RefusalTable = { readonly [K in NodeKind]?: (body: BodyOf<K>, setting: Setting) => Refusal };
