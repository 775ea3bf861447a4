import type { ExecuteStatementCommandOutput, Field } from '@aws-sdk/client-rds-data';
import { LockkeeperError } from '../errors/index.ts';
import type { Cell, Row } from '../ledger/database.ts';

const unsupported = (column: string, what: string): LockkeeperError =>
  new LockkeeperError('ResultUnsupported', `the statement ran; its column ${column} holds ${what}: cast it to text`);

const cellOf = (column: string, field: Field): Cell => {
  if (field.isNull === true) return null;
  if (field.stringValue !== undefined) return field.stringValue;
  if (field.booleanValue !== undefined) return field.booleanValue;
  if (field.longValue !== undefined) {
    if (!Number.isSafeInteger(field.longValue)) throw unsupported(column, 'an integer beyond 2^53');
    return field.longValue;
  }
  if (field.doubleValue !== undefined) return field.doubleValue;
  throw unsupported(column, field.blobValue === undefined ? 'an array' : 'bytes');
};

/** The rows by column name. @throws LockkeeperError `ResultUnsupported` for bytes, arrays and integers that a number cannot hold */
export const rowsOf = (output: Pick<ExecuteStatementCommandOutput, 'records' | 'columnMetadata'>): readonly Row[] => {
  const names = (output.columnMetadata ?? []).map(
    (column, index) => column.label ?? column.name ?? `column${index + 1}`,
  );
  return (output.records ?? []).map((record) =>
    Object.fromEntries(record.map((field, index) => [names[index]!, cellOf(names[index]!, field)])),
  );
};
