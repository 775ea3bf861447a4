/**
 * Rules of the public tools and ours that ask the same: a fixture is found when one of ours speaks. Where there is none
 * (`ours` empty) the reason says why, and the fixture counts neither as found nor as missed.
 */
export interface Mapping {
  readonly ours: readonly string[];
  readonly why?: string;
}

const noOwn = (why: string): Mapping => ({ ours: [], why });
const as = (...ours: readonly string[]): Mapping => ({ ours });

export const squawkRules: Readonly<Record<string, Mapping>> = {
  'adding-field-with-default': as('column-rewrites-table'),
  'adding-foreign-key-constraint': as('foreign-key-checked-under-lock'),
  'adding-not-nullable-field': as('not-null-checked-under-lock', 'column-required'),
  'adding-required-field': as('column-required'),
  'adding-serial-primary-key-field': as('column-rewrites-table', 'unique-built-under-lock'),
  'ban-alter-domain-with-add-constraint': as('domain-constrained'),
  'ban-char-field': as('char-padded'),
  'ban-concurrent-index-creation-in-transaction': as('concurrently-in-transaction'),
  'ban-create-domain-with-constraint': as('domain-constrained'),
  'ban-drop-column': as('data-destroyed'),
  'ban-drop-database': as('database-dropped'),
  'ban-drop-not-null': as('not-null-dropped'),
  'ban-drop-table': as('data-destroyed'),
  'ban-duplicate-column-assignments': as('column-assigned-twice'),
  'ban-truncate-cascade': as('truncate-cascades'),
  'ban-uncommitted-transaction': as('transaction-control'),
  'changing-column-type': as('type-change-under-lock'),
  'constraint-missing-not-valid': as(
    'foreign-key-checked-under-lock',
    'check-checked-under-lock',
    'validated-in-same-transaction',
  ),
  'disallowed-unique-constraint': as('unique-built-under-lock'),
  'identifier-too-long': as('identifier-truncated'),
  'prefer-bigint-over-int': as('narrow-primary-key', 'narrow-integer'),
  'prefer-bigint-over-smallint': as('narrow-primary-key', 'narrow-integer'),
  'prefer-identity': as('serial-instead-of-identity'),
  'prefer-repack': as('table-rewritten'),
  'prefer-robust-stmts': as('not-idempotent'),
  'prefer-text-field': as('varchar-limited'),
  'prefer-timestamp-tz': as('timestamp-without-time-zone'),
  'renaming-column': as('renamed'),
  'renaming-table': as('renamed'),
  'require-concurrent-index-creation': as('index-without-concurrently'),
  'require-concurrent-index-deletion': as('index-dropped-without-concurrently'),
  'require-concurrent-partition-detach': as('partition-detached-under-lock'),
  'require-concurrent-reindex': as('reindex-without-concurrently'),
  'require-table-schema': as('name-unqualified'),
  'require-timeout-settings': noOwn('every migration runs under a lock_timeout that Lockkeeper sets itself'),
  'require-lock-timeout': noOwn('every migration runs under a lock_timeout that Lockkeeper sets itself'),
  'require-statement-timeout': noOwn(
    'a run may take hours; what is bounded is waiting for locks, which Lockkeeper does',
  ),
  'transaction-nesting': as('transaction-control'),
};

export const eugeneRules: Readonly<Record<string, Mapping>> = {
  E1: as('check-checked-under-lock'),
  E2: as('not-null-checked-under-lock'),
  E3: as('json-instead-of-jsonb'),
  E4: as('lock-held-over-work'),
  E5: as('type-change-under-lock'),
  E6: as('index-without-concurrently'),
  E7: as('unique-built-under-lock'),
  E8: as('exclusion-built-under-lock'),
  E9: noOwn('every migration runs under a lock_timeout that Lockkeeper sets itself'),
  E10: as('lock-held-over-work', 'several-tables-locked'),
  E11: as('column-rewrites-table'),
  E15: as('foreign-key-without-index'),
  W12: as('alters-of-one-table-apart'),
  W13: as('enum-instead-of-table'),
  W14: as('not-null-checked-under-lock', 'unique-built-under-lock'),
};
