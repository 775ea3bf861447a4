/**
 * Rules of the public tools and ours that ask the same: a fixture is found when one of ours speaks. Where there is none
 * (`ours` empty) the reason says why, and the fixture counts neither as found nor as missed.
 */
export interface Mapping {
  readonly ours: readonly string[];
  readonly why?: string;
}

const as = (...ours: readonly string[]): Mapping => ({ ours });

export const squawkRules: Readonly<Record<string, Mapping>> = {
  'adding-field-with-default': as('column-rewrites-table'),
  'adding-foreign-key-constraint': as('foreign-key-checked-under-lock', 'foreign-key-column-added'),
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
  'ban-uncommitted-transaction': as('transaction-nested'),
  'changing-column-type': as('type-change-under-lock'),
  'constraint-missing-not-valid': as(
    'foreign-key-checked-under-lock',
    'check-checked-under-lock',
    'validated-in-same-transaction',
  ),
  'disallowed-unique-constraint': as('unique-built-under-lock'),
  'identifier-too-long': as('identifier-too-long'),
  'prefer-bigint-over-int': as('narrow-primary-key', 'narrow-integer'),
  'prefer-bigint-over-smallint': as('narrow-primary-key', 'narrow-integer'),
  'prefer-identity': as('serial-instead-of-identity'),
  'prefer-repack': as('table-rewritten'),
  'prefer-robust-stmts': as('not-repeatable'),
  'prefer-text-field': as('varchar-limited'),
  'prefer-timestamp-tz': as('timestamp-without-time-zone'),
  'renaming-column': as('renamed'),
  'renaming-table': as('renamed'),
  'require-concurrent-index-creation': as('index-without-concurrently'),
  'require-concurrent-index-deletion': as('index-dropped-without-concurrently'),
  'require-concurrent-partition-detach': as('partition-detached-under-lock'),
  'require-concurrent-reindex': as('reindex-without-concurrently'),
  'require-table-schema': as('name-unqualified'),
  'require-timeout-settings': as('lock-timeout-missing', 'statement-timeout-missing'),
  'require-lock-timeout': as('lock-timeout-missing'),
  'require-statement-timeout': as('statement-timeout-missing'),
  'transaction-nesting': as('transaction-nested'),
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
  E9: as('lock-timeout-missing'),
  E10: as('lock-held-over-work', 'several-tables-locked'),
  E11: as('column-rewrites-table'),
  E15: as('foreign-key-without-index'),
  W12: as('altered-in-pieces'),
  W13: as('enum-created'),
  W14: as('primary-key-column-nullable'),
};

/** Public verdicts that the text itself contradicts, with the reason; they count neither way. */
export const contradicted: Readonly<Record<string, string>> = {
  'ban-uncommitted-transaction/fix_adds_commit_to_start_transaction':
    'the text is the corrected one: it ends with COMMIT',
  'prefer-timestamp-tz/fix_timestamp_array': 'the text is the corrected one: it says timestamptz[]',
  'prefer-robust-stmts/fix_drop_type_if_exists': 'the text is the corrected one: it says IF EXISTS',
  'prefer-robust-stmts/fix_create_table_if_not_exists': 'the text is the corrected one: it says IF NOT EXISTS',
  'prefer-robust-stmts/fix_alter_table_add_column_if_not_exists':
    'the text is the corrected one: it says IF NOT EXISTS',
  'prefer-robust-stmts/enable_row_level_security_err': 'enabling it twice changes nothing and does not fail',
  'prefer-repack/cluster_below_pg19_ok': 'CLUSTER writes the table anew under ACCESS EXCLUSIVE in every release',
  'require-timeout-settings/fixes_preserve_cr_line_endings': 'a Rust string with its quotes and escapes, not SQL',
};
