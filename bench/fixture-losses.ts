/**
 * Worst loss of each fixture that loses something, decided by hand from what its SQL does; every other fixture loses nothing.
 * What is only known to its authors counts as PostgreSQL would run it: `uuid()` is some function of theirs.
 */
export const fixtureLosses: Readonly<Record<string, 'recoverable' | 'data' | 'unknown'>> = {
  'adding-field-with-default/default_uuid_error': 'unknown',
  'adding-not-nullable-field/regression_gh_issue_628_pg16_with_validated_check_ok': 'recoverable',
  'ban-drop-database/ban_drop_database': 'data',
  'ban-drop-table/err': 'data',
  'ban-duplicate-column-assignments/fix_deletes_all_but_last_assignment': 'data',
  'ban-duplicate-column-assignments/fix_preserves_comments_between_assignments': 'data',
  'ban-duplicate-column-assignments/merge_update_err': 'data',
  'ban-truncate-cascade/err': 'data',
  'changing-column-type/another_err': 'data',
  'disallowed-unique-constraint/ok': 'recoverable',
  'disallowed-unique-constraint/also_ok': 'recoverable',
  'identifier-too-long/drop_table_long_name_err': 'data',
  'prefer-robust-stmts/fix_drop_type_if_exists': 'recoverable',
  'prefer-robust-stmts/drop_before_end_ok': 'recoverable',
  'prefer-robust-stmts/drop_before_add_foreign_key_ok': 'recoverable',
  'prefer-robust-stmts/alter_table_ok': 'recoverable',
  'prefer-robust-stmts/start_transaction_ok': 'recoverable',
  'prefer-robust-stmts/alter_table_drop_column_err': 'data',
  'prefer-robust-stmts/double_add_after_drop_err': 'recoverable',
  'require-concurrent-index-deletion/fix_add_concurrently_if_exists': 'recoverable',
  'require-concurrent-index-deletion/drop_index_missing_concurrently_err': 'recoverable',
  'require-concurrent-index-deletion/regression_false_positive_drop_table_ok': 'data',
  'require-concurrent-index-deletion/regression_false_positive_drop_trigger_ok': 'recoverable',
  'require-concurrent-partition-detach/detach_partition_missing_concurrently_err': 'data',
  'require-concurrent-partition-detach/detach_partition_finalize_ok': 'data',
  'require-concurrent-partition-detach/fix_add_concurrently': 'data',
  'eugene/E5_good': 'data',
};
