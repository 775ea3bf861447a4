import type { Numbered } from './placeholders.ts';
import { notImitated, validation } from './service-error.ts';
import type { BoundValue } from './statement.ts';

/** A parameter as it stands in a request. */
export interface WireParameter {
  readonly name?: string;
  readonly typeHint?: string;
  readonly value?: {
    readonly isNull?: boolean;
    readonly stringValue?: string;
    readonly longValue?: number;
    readonly doubleValue?: number;
    readonly booleanValue?: boolean;
    readonly blobValue?: string;
    readonly arrayValue?: unknown;
  };
}

const typeOid = { boolean: 16, bytea: 17, int8: 20, text: 25, float8: 701 } as const;
/** Casts by https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_SqlParameter.html */
const hinted: Readonly<Record<string, number>> = {
  DATE: 1082,
  DECIMAL: 1700,
  JSON: 114,
  TIME: 1083,
  TIMESTAMP: 1114,
  UUID: 2950,
};

const bound = ({ name, typeHint, value }: WireParameter): BoundValue => {
  if (typeHint !== undefined && hinted[typeHint] === undefined)
    throw validation(`Value at 'parameters.typeHint' failed to satisfy constraint: ${typeHint}`);
  const text = typeHint === undefined ? typeOid.text : hinted[typeHint]!;
  if (value === undefined || value.isNull === true) return { typeOid: text, text: null };
  if (Object.keys(value).length > 1) throw notImitated(`a value of parameter ${name} that is of several kinds at once`);
  if (value.stringValue !== undefined) return { typeOid: text, text: value.stringValue };
  if (typeHint !== undefined) throw notImitated(`a type hint on parameter ${name}, which is not a string`);
  if (value.longValue !== undefined) return { typeOid: typeOid.int8, text: String(value.longValue) };
  if (value.doubleValue !== undefined) return { typeOid: typeOid.float8, text: String(value.doubleValue) };
  if (value.booleanValue !== undefined) return { typeOid: typeOid.boolean, text: String(value.booleanValue) };
  if (value.blobValue !== undefined)
    return { typeOid: typeOid.bytea, text: `\\x${Buffer.from(value.blobValue, 'base64').toString('hex')}` };
  if (value.arrayValue !== undefined) throw validation('Array parameters are not supported.');
  throw notImitated(`a value of parameter ${name} that is none of the documented kinds`);
};

/** The values in the order of the names. A name without a value is PostgreSQL's to refuse, as long as none was sent. */
export const boundValues = ({ names }: Numbered, parameters: readonly WireParameter[]): readonly BoundValue[] => {
  if (parameters.length === 0) return [];
  const byName = new Map(parameters.map((parameter) => [parameter.name ?? '', parameter]));
  if (byName.size < parameters.length) throw notImitated('two parameters of one name');
  for (const name of byName.keys())
    if (!names.includes(name)) throw notImitated(`a parameter that the statement does not name: ${name}`);
  return names.map((name) => {
    const parameter = byName.get(name);
    if (parameter === undefined) throw notImitated(`a statement with some of its parameters missing: ${name}`);
    return bound(parameter);
  });
};
