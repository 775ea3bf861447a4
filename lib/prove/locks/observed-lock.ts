/** A relation of the schema, as the catalogue had it when the lock was seen. */
export interface LockedRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
}

export type RelationKind =
  | 'table'
  | 'partitioned table'
  | 'foreign table'
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'index'
  | 'composite type';

/** A lock that a statement held or waited for, on a relation that the same section did not make. */
export interface ObservedLock {
  readonly object: LockedRelation;
  /** As PostgreSQL's documentation writes it, `SHARE UPDATE EXCLUSIVE`. */
  readonly mode: string;
}

/** What a statement did to relations that were there before its section. */
export interface ObservedStatement {
  /** Line in the migration file. */
  readonly line: number;
  /** Those that no statement before it in the transaction held already. */
  readonly locks: readonly ObservedLock[];
  /** Relations with storage that has been written anew: tables rewritten or truncated, indexes built again. */
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
  c: 'composite type',
};

/** `relkind` in words. */
export const relationKind = (relkind: string): RelationKind => kinds[relkind] ?? 'table';

/** `AccessExclusiveLock` of `pg_locks.mode` as `ACCESS EXCLUSIVE`. */
export const modeInWords = (mode: string): string =>
  mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
