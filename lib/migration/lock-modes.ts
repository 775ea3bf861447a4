/** Lock modes of tables, weakest first: https://www.postgresql.org/docs/17/explicit-locking.html#LOCKING-TABLES */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockMode = (typeof lockModes)[number];

/**
 * What PostgreSQL does while it holds the lock. `instant`: the catalogue only; `scan`: reads every row; `rewrite`: writes
 * the table again with its indexes; `build`: builds an index. The lock itself is held until the transaction ends.
 */
export const lockDurations = ['instant', 'scan', 'build', 'rewrite'] as const;

export type LockDuration = (typeof lockDurations)[number];

/** Modes with which a mode conflicts: https://www.postgresql.org/docs/17/explicit-locking.html#TABLE-LOCK-COMPATIBILITY */
const conflicts: Readonly<Record<LockMode, readonly LockMode[]>> = {
  'ACCESS SHARE': ['ACCESS EXCLUSIVE'],
  'ROW SHARE': ['EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'ROW EXCLUSIVE': ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE UPDATE EXCLUSIVE': lockModes.slice(3),
  SHARE: ['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE ROW EXCLUSIVE': lockModes.slice(2),
  EXCLUSIVE: lockModes.slice(1),
  'ACCESS EXCLUSIVE': lockModes,
};

export const isConflicting = (one: LockMode, other: LockMode): boolean => conflicts[one].includes(other);
/** Whether a SELECT waits. */
export const blocksReads = (mode: LockMode): boolean => isConflicting(mode, 'ACCESS SHARE');
/** Whether INSERT, UPDATE and DELETE wait. */
export const blocksWrites = (mode: LockMode): boolean => isConflicting(mode, 'ROW EXCLUSIVE');

export const strongerMode = (one: LockMode, other: LockMode): LockMode =>
  lockModes.indexOf(one) >= lockModes.indexOf(other) ? one : other;
export const longerDuration = (one: LockDuration, other: LockDuration): LockDuration =>
  lockDurations.indexOf(one) >= lockDurations.indexOf(other) ? one : other;
