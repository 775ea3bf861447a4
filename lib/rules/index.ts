import { columnRequired } from './compatibility/column-required.ts';
import { defaultDropped } from './compatibility/default-dropped.ts';
import { domainConstrained } from './compatibility/domain-constrained.ts';
import { notNullDropped } from './compatibility/not-null-dropped.ts';
import { renamed } from './compatibility/renamed.ts';
import { replacedAtOnce } from './compatibility/replaced-at-once.ts';
import { alteredInPieces } from './discipline/altered-in-pieces.ts';
import { columnAssignedTwice } from './discipline/column-assigned-twice.ts';
import { ddlWithDml } from './discipline/ddl-with-dml.ts';
import { foreignKeyWithoutIndex } from './discipline/foreign-key-without-index.ts';
import { identifierTooLong } from './discipline/identifier-too-long.ts';
import { indexRedundant } from './discipline/index-redundant.ts';
import { nameUnqualified } from './discipline/name-unqualified.ts';
import { nameVague } from './discipline/name-vague.ts';
import { notRepeatable } from './discipline/not-repeatable.ts';
import { statementAloneTooLong } from './discipline/statement-alone-too-long.ts';
import { transactionNested } from './discipline/transaction-nested.ts';
import { checkCheckedUnderLock } from './locks/check-checked-under-lock.ts';
import { columnRewritesTable } from './locks/column-rewrites-table.ts';
import { concurrentlyInTransaction } from './locks/concurrently-in-transaction.ts';
import { enumValueUsedInSameTransaction } from './locks/enum-value-used-in-same-transaction.ts';
import { exclusionBuiltUnderLock } from './locks/exclusion-built-under-lock.ts';
import { foreignKeyCheckedUnderLock } from './locks/foreign-key-checked-under-lock.ts';
import { foreignKeyColumnAdded } from './locks/foreign-key-column-added.ts';
import { indexDroppedWithoutConcurrently } from './locks/index-dropped-without-concurrently.ts';
import { indexWithoutConcurrently } from './locks/index-without-concurrently.ts';
import { lockHeldOverWork } from './locks/lock-held-over-work.ts';
import { lockTimeoutMissing } from './locks/lock-timeout-missing.ts';
import { matviewRefreshedUnderLock } from './locks/matview-refreshed-under-lock.ts';
import { notNullCheckedUnderLock } from './locks/not-null-checked-under-lock.ts';
import { partitionAttachedWithScan } from './locks/partition-attached-with-scan.ts';
import { partitionDetachedUnderLock } from './locks/partition-detached-under-lock.ts';
import { primaryKeyColumnNullable } from './locks/primary-key-column-nullable.ts';
import { reindexWithoutConcurrently } from './locks/reindex-without-concurrently.ts';
import { statementTimeoutMissing } from './locks/statement-timeout-missing.ts';
import { tableRewritten } from './locks/table-rewritten.ts';
import { triggerLocksTable } from './locks/trigger-locks-table.ts';
import { typeChangeUnderLock } from './locks/type-change-under-lock.ts';
import { uniqueBuiltUnderLock } from './locks/unique-built-under-lock.ts';
import { validatedInSameTransaction } from './locks/validated-in-same-transaction.ts';
import { dataDestroyed } from './loss/data-destroyed.ts';
import { databaseDropped } from './loss/database-dropped.ts';
import { dropCascades } from './loss/drop-cascades.ts';
import { everyRowChanged } from './loss/every-row-changed.ts';
import { lossUnknown } from './loss/loss-unknown.ts';
import { truncateCascades } from './loss/truncate-cascades.ts';
import { charPadded } from './types/char-padded.ts';
import { enumCreated } from './types/enum-created.ts';
import { jsonInsteadOfJsonb } from './types/json-instead-of-jsonb.ts';
import { moneyType } from './types/money-type.ts';
import { narrowInteger } from './types/narrow-integer.ts';
import { narrowPrimaryKey } from './types/narrow-primary-key.ts';
import { serialInsteadOfIdentity } from './types/serial-instead-of-identity.ts';
import { timestampWithoutTimeZone } from './types/timestamp-without-time-zone.ts';
import { varcharLimited } from './types/varchar-limited.ts';
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
  lockTimeoutMissing,
  foreignKeyColumnAdded,
  primaryKeyColumnNullable,
  statementTimeoutMissing,
  columnRequired,
  defaultDropped,
  domainConstrained,
  renamed,
  replacedAtOnce,
  notNullDropped,
  dataDestroyed,
  databaseDropped,
  dropCascades,
  everyRowChanged,
  lossUnknown,
  truncateCascades,
  columnAssignedTwice,
  ddlWithDml,
  foreignKeyWithoutIndex,
  identifierTooLong,
  indexRedundant,
  nameVague,
  notRepeatable,
  statementAloneTooLong,
  transactionNested,
  alteredInPieces,
  nameUnqualified,
  charPadded,
  jsonInsteadOfJsonb,
  moneyType,
  narrowInteger,
  narrowPrimaryKey,
  serialInsteadOfIdentity,
  timestampWithoutTimeZone,
  varcharLimited,
  enumCreated,
];
