import { checkCheckedUnderLock } from './locks/check-checked-under-lock.ts';
import { columnRewritesTable } from './locks/column-rewrites-table.ts';
import { concurrentlyInTransaction } from './locks/concurrently-in-transaction.ts';
import { enumValueUsedInSameTransaction } from './locks/enum-value-used-in-same-transaction.ts';
import { exclusionBuiltUnderLock } from './locks/exclusion-built-under-lock.ts';
import { foreignKeyCheckedUnderLock } from './locks/foreign-key-checked-under-lock.ts';
import { indexDroppedWithoutConcurrently } from './locks/index-dropped-without-concurrently.ts';
import { indexWithoutConcurrently } from './locks/index-without-concurrently.ts';
import { lockHeldOverWork } from './locks/lock-held-over-work.ts';
import { matviewRefreshedUnderLock } from './locks/matview-refreshed-under-lock.ts';
import { notNullCheckedUnderLock } from './locks/not-null-checked-under-lock.ts';
import { partitionAttachedWithScan } from './locks/partition-attached-with-scan.ts';
import { partitionDetachedUnderLock } from './locks/partition-detached-under-lock.ts';
import { reindexWithoutConcurrently } from './locks/reindex-without-concurrently.ts';
import { tableRewritten } from './locks/table-rewritten.ts';
import { triggerLocksTable } from './locks/trigger-locks-table.ts';
import { typeChangeUnderLock } from './locks/type-change-under-lock.ts';
import { uniqueBuiltUnderLock } from './locks/unique-built-under-lock.ts';
import { validatedInSameTransaction } from './locks/validated-in-same-transaction.ts';
import type { Rule } from './rule.ts';

export type { Example, Finding, Rule, RuleGroup, Severity } from './rule.ts';

/** Every rule, in the order in which the documentation lists them. */
export const rules: readonly Rule[] = [
  indexWithoutConcurrently,
  indexDroppedWithoutConcurrently,
  reindexWithoutConcurrently,
  foreignKeyCheckedUnderLock,
  checkCheckedUnderLock,
  notNullCheckedUnderLock,
  uniqueBuiltUnderLock,
  exclusionBuiltUnderLock,
  columnRewritesTable,
  typeChangeUnderLock,
  tableRewritten,
  matviewRefreshedUnderLock,
  partitionDetachedUnderLock,
  partitionAttachedWithScan,
  validatedInSameTransaction,
  lockHeldOverWork,
  concurrentlyInTransaction,
  enumValueUsedInSameTransaction,
  triggerLocksTable,
];
