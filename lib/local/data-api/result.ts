import { fieldJson, plainJson, type ResultSetOptions } from './result-json.ts';
import { columnMetadata } from './column-metadata.ts';
import { enumType, type ShownType, shownType } from './result-types.ts';
import { databaseError, notImitated, unsupportedResult } from './service-error.ts';
import type { Session } from './session.ts';
import type { Column, StatementResult } from './statement.ts';

/** What of a request shapes its reply. */
export interface ReplyOptions {
  readonly includeResultMetadata?: boolean;
  readonly formatRecordsAs?: 'NONE' | 'JSON';
  readonly resultSetOptions?: ResultSetOptions;
}

/**
 * The reply of ExecuteStatement as JSON text.
 * @throws ServiceError `UnsupportedResultException` or `InternalFailure`: the statement ran all the same
 */
export const replyJson = async (session: Session, result: StatementResult, options: ReplyOptions): Promise<string> => {
  refuseWhatCannotBeShown(result);
  const { columns, rows } = result;
  if (columns === null) return `{"generatedFields":[],"numberOfRecordsUpdated":${updatedCount(result.tag)}}`;
  const types = await shownTypes(session, columns);
  if (rows.length > 0)
    for (const type of types)
      if (type.as === null)
        throw type.name === 'vector'
          ? notImitated('a column of the type vector')
          : unsupportedResult(`The result contains the unsupported data type ${type.name}`);
  const shown = types as readonly ShownType[];
  const setOptions = options.resultSetOptions ?? {};
  const members = ['"numberOfRecordsUpdated":0'];
  if (options.includeResultMetadata === true && options.formatRecordsAs !== 'JSON')
    members.push(`"columnMetadata":${JSON.stringify(await columnMetadata(session, columns, types))}`);
  if (options.formatRecordsAs === 'JSON') {
    const objects = rows.map(
      (row) =>
        `{${row.map((text, index) => `${JSON.stringify(columns[index]!.name)}:${plainJson(text, shown[index]!, setOptions)}`).join(',')}}`,
    );
    members.push(`"formattedRecords":${JSON.stringify(`[${objects.join(',')}]`)}`);
  } else {
    const records = rows.map(
      (row) => `[${row.map((text, index) => fieldJson(text, shown[index]!, setOptions)).join(',')}]`,
    );
    members.push(`"records":[${records.join(',')}]`, '"generatedFields":[]');
  }
  return `{${members.join(',')}}`;
};

const refuseWhatCannotBeShown = ({ copy, overflow }: StatementResult): void => {
  if (copy !== null) throw databaseError(`execute: unexpected message: ${copy}`);
  if (overflow === 'result') throw unsupportedResult('The result exceeds the size limit 1 MB');
  if (overflow === 'row') throw unsupportedResult('The result contains a row that exceeds the size limit 64 KB');
};

/** Rows changed by DML, from its command tag: https://www.postgresql.org/docs/17/protocol-message-formats.html */
export const updatedCount = (tag: string): number =>
  Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag)?.[1] ?? 0);

/** Types outside the fixed table are looked up in the catalogue: enums are shown, others are named in the refusal. */
const shownTypes = async (
  session: Session,
  columns: readonly Column[],
): Promise<readonly (ShownType | (Omit<ShownType, 'as'> & { readonly as: null }))[]> => {
  const known = columns.map((column) => shownType(column.typeOid));
  if (!known.includes(null)) return known as ShownType[];
  const oids = columns.filter((_, index) => known[index] === null).map((column) => column.typeOid);
  const found = await session.run(
    `SELECT oid::text, typname::text, typtype::text FROM pg_catalog.pg_type WHERE oid IN (${oids.join(',')})`,
  );
  const byOid = new Map(found.rows.map(([oid, name, kind]) => [Number(oid), { name: name!, kind }]));
  return columns.map((column, index) => {
    const type = known[index];
    if (type !== null && type !== undefined) return type;
    const looked = byOid.get(column.typeOid);
    if (looked?.kind === 'e') return enumType(looked.name);
    return { name: looked?.name ?? String(column.typeOid), as: null, jdbc: 1111, array: false };
  });
};
