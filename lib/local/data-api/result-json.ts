import pg from 'pg';
import type { ShownType } from './result-types.ts';
import { internalFailure, unsupportedResult } from './service-error.ts';

/** `resultSetOptions` of a request. */
export interface ResultSetOptions {
  readonly decimalReturnType?: 'STRING' | 'DOUBLE_OR_LONG';
  readonly longReturnType?: 'STRING' | 'LONG';
}

const readArray = pg.types.getTypeParser(1009 as number, 'text') as (text: string) => unknown[];

/** The JSON of a value, and the name of its member in the Field union without its final `Value`. JSON text keeps a bigint's digits. */
interface Shown {
  readonly member: 'boolean' | 'long' | 'double' | 'string' | 'blob';
  readonly json: string;
}

const shown = (text: string, type: ShownType, options: ResultSetOptions): Shown => {
  switch (type.as) {
    case 'boolean':
      return { member: 'boolean', json: text === 't' ? 'true' : 'false' };
    case 'long':
      return options.longReturnType === 'STRING'
        ? { member: 'string', json: JSON.stringify(text) }
        : { member: 'long', json: text };
    case 'double':
      return { member: 'double', json: /^-?\d/.test(text) ? text : JSON.stringify(text) };
    case 'decimal':
      if (options.decimalReturnType !== 'DOUBLE_OR_LONG') return { member: 'string', json: JSON.stringify(text) };
      return {
        member: /^-?\d+$/.test(text) ? 'long' : 'double',
        json: /^-?\d/.test(text) ? text : JSON.stringify(text),
      };
    case 'blob':
      return { member: 'blob', json: JSON.stringify(Buffer.from(text.slice(2), 'hex').toString('base64')) };
    case 'temporal':
      if (text.endsWith('infinity')) throw internalFailure();
      return { member: 'string', json: JSON.stringify(text) };
    case 'timestamptz':
      return { member: 'string', json: JSON.stringify(utcWallClock(text)) };
    case 'string':
      return { member: 'string', json: JSON.stringify(text) };
    default:
      return type.as satisfies never;
  }
};

/** `2024-01-15 12:34:56.5+09` → `2024-01-15 03:34:56.5`: UTC, and the offset is gone. */
const utcWallClock = (text: string): string => {
  if (text.endsWith('infinity')) throw internalFailure();
  const parts = /^(.*?)(\.\d+)?([+-])(\d\d)(?::(\d\d))?( BC)?$/.exec(text);
  if (parts === null) return text;
  const [, wall, fraction = '', sign, hours, minutes = '00', era = ''] = parts;
  const offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  if (offsetMinutes === 0 || era !== '') return `${wall}${fraction}${era}`;
  const utc = new Date(Date.parse(`${wall!.replace(' ', 'T')}Z`) - offsetMinutes * 60_000);
  return `${utc.toISOString().slice(0, 19).replace('T', ' ')}${fraction}`;
};

const arrayItems = (
  text: string,
  type: ShownType,
  options: ResultSetOptions,
): { member: Shown['member']; json: string } => {
  const items = readArray(text);
  if (items.some(Array.isArray)) throw unsupportedResult('The result contains a multidimensional array');
  const each = items.map((item) => (item === null ? null : shown(item as string, type, options)));
  const json = `[${each.map((item) => item?.json ?? 'null').join(',')}]`;
  return { member: each.find((item) => item !== null)?.member ?? memberOf(type), json };
};

const memberOf = (type: ShownType): Shown['member'] => {
  switch (type.as) {
    case 'boolean':
    case 'long':
    case 'double':
      return type.as;
    default:
      return 'string';
  }
};

/** One value as JSON of the Field union. */
export const fieldJson = (text: string | null, type: ShownType, options: ResultSetOptions): string => {
  if (text === null) return '{"isNull":true}';
  if (!type.array) {
    const { member, json } = shown(text, type, options);
    return `{"${member}Value":${json}}`;
  }
  const { member, json } = arrayItems(text, type, options);
  return `{"arrayValue":{"${member === 'blob' ? 'string' : member}Values":${json}}}`;
};

/** One value as plain JSON, for `formatRecordsAs: JSON`. */
export const plainJson = (text: string | null, type: ShownType, options: ResultSetOptions): string => {
  if (text === null) return 'null';
  return (type.array ? arrayItems(text, type, options) : shown(text, type, options)).json;
};
