import { type LockMode, lockModes, pgLocksMode, type RelationKind } from '../../analysis/locks/lock.ts';

/** A relation of the schema, as the catalogue had it when the lock was seen. */
export interface LockedRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
}

/** A lock that a statement held or waited for, on a relation that the same section did not make. */
export interface ObservedLock {
  readonly object: LockedRelation;
  readonly mode: LockMode;
}

/** What a statement did to relations that were there before its section. */
export interface ObservedStatement {
  /** Line in the migration file. */
  readonly line: number;
  /** One for each relation, the strongest of the modes that no statement before it in the transaction held already. */
  readonly locks: readonly ObservedLock[];
  /** Relations with storage that has been written anew: tables rewritten, indexes built again. */
  readonly rewritten: readonly LockedRelation[];
}

const kinds: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  i: 'index',
  I: 'index',
};

/** `relkind` in words. */
export const relationKind = (relkind: string): RelationKind => kinds[relkind] ?? 'table';

const modes: ReadonlyMap<string, LockMode> = new Map(lockModes.map((mode) => [pgLocksMode(mode), mode]));

/** `AccessExclusiveLock` of `pg_locks.mode` as `ACCESS EXCLUSIVE`; null for a mode of predicate locks. */
export const lockMode = (mode: string): LockMode | null => modes.get(mode) ?? null;
