import type { LockDuration, LockMode } from '../../migration/lock-modes.ts';
import type { QualifiedName } from '../../migration/index.ts';

export * from '../../migration/lock-modes.ts';

export type RelationKind =
  'table' | 'partitioned table' | 'foreign table' | 'view' | 'materialized view' | 'sequence' | 'index';

export interface LockedObject extends QualifiedName {
  readonly kind: RelationKind;
  /** As a catalogue has them; absent when they are not known. */
  readonly rows?: number;
  readonly bytes?: number;
}

/** A lock on a relation that others can see: what the same section created is not among them. */
export interface Lock {
  readonly object: LockedObject;
  readonly mode: LockMode;
  readonly duration: LockDuration;
}

/** `ACCESS EXCLUSIVE` as `pg_locks.mode` has it, `AccessExclusiveLock`. */
export const pgLocksMode = (mode: LockMode): string =>
  `${mode
    .split(' ')
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('')}Lock`;
