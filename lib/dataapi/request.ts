import type { ExecuteStatementCommandInput, Field, SqlParameter } from '@aws-sdk/client-rds-data';
import { LockkeeperError } from '../errors/index.ts';
import type { Parameters } from '../ledger/database.ts';

/** A request's limit in bytes, headers and JSON notation included: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_BatchExecuteStatement.html */
const requestLimitBytes = 4 * 1024 * 1024;
/** Kept free for the signed headers; a session token alone can be 2 KB. */
const headerBytes = 8 * 1024;
/** Characters of `sql`: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html */
const sqlLimit = 65_536;

const refused = (message: string): LockkeeperError => new LockkeeperError('RequestRefused', message);

const fieldOf = (name: string, value: string | number | boolean | null | undefined): Field => {
  if (value === null) return { isNull: true };
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { booleanValue: value };
    case 'number':
      if (!Number.isSafeInteger(value)) throw refused(`parameter ${name} is not a safe integer`);
      return { longValue: value };
    default:
      throw refused(`parameter ${name} has no value; pass null for NULL`);
  }
};

/** Named parameters as the Data API wants them. @throws LockkeeperError `RequestRefused` */
export const sqlParameters = (parameters: Parameters): SqlParameter[] =>
  Object.entries(parameters).map(([name, value]) => ({ name, value: fieldOf(name, value) }));

/** Holds afterwards: the request is within the Data API's limits. @throws LockkeeperError `StatementTooLarge`, `RequestRefused` */
export const checkRequestSize = (input: ExecuteStatementCommandInput): void => {
  const sql = input.sql ?? '';
  const characters = sql.length > sqlLimit ? [...sql].length : sql.length;
  if (characters > sqlLimit)
    throw new LockkeeperError(
      'StatementTooLarge',
      `the statement has ${characters} characters; the Data API takes at most ${sqlLimit}`,
      { details: { characters, limit: sqlLimit } },
    );
  if (mostBytes(input) <= requestLimitBytes - headerBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify(input)) + headerBytes;
  if (bytes > requestLimitBytes)
    throw new LockkeeperError(
      'RequestRefused',
      `the request has ${bytes} bytes with its headers; the Data API takes at most ${requestLimitBytes}`,
      { details: { bytes, limit: requestLimitBytes } },
    );
};

/** An upper bound without serializing: JSON writes a UTF-16 unit as at most six bytes. */
const mostBytes = (input: ExecuteStatementCommandInput): number => {
  let units = (input.sql?.length ?? 0) + 1024;
  for (const each of input.parameters ?? [])
    units += 64 + (each.name?.length ?? 0) + (each.value?.stringValue?.length ?? 0);
  return units * 6;
};
