/**
 * The runtime schemas that every client of the JavaScript SDK exports, as far as casing needs them: a list that begins with its kind
 * (https://github.com/smithy-lang/smithy-typescript/tree/main/packages/types/src/schema). Only this file knows their form.
 */
export type SdkSchema = unknown;

export type SchemaShape =
  | { readonly kind: 'structure'; readonly members: ReadonlyMap<string, SdkSchema> }
  | { readonly kind: 'list'; readonly member: SdkSchema }
  | { readonly kind: 'map'; readonly member: SdkSchema }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'blob' }
  | { readonly kind: 'simple' };

const listModifier = 64;
const mapModifier = 128;

/** What a schema is, member references and traits unwrapped. */
export const shapeOf = (schema: SdkSchema): SchemaShape => {
  if (typeof schema === 'function') return shapeOf(schema());
  if (typeof schema === 'number') {
    if (schema >= mapModifier) return { kind: 'map', member: schema - mapModifier };
    if (schema >= listModifier) return { kind: 'list', member: schema - listModifier };
    if (schema >= 4 && schema <= 7) return { kind: 'timestamp' };
    return { kind: schema === 21 || schema === 42 ? 'blob' : 'simple' };
  }
  if (!Array.isArray(schema)) return { kind: 'simple' };
  const [kind, , , , first, second] = schema as unknown[];
  switch (kind) {
    case 1:
      return { kind: 'list', member: first };
    case 2:
      return { kind: 'map', member: second };
    case 3:
    case 4:
    case -3: {
      const names = first as string[];
      return { kind: 'structure', members: new Map(names.map((name, at) => [name, (second as SdkSchema[])[at]])) };
    }
    case 0:
      return shapeOf(first);
    default:
      // [schema, traits], a member with traits of its own
      return schema.length === 2 ? shapeOf(schema[0]) : { kind: 'simple' };
  }
};

/** Input and output of an operation, from a client's exports; null when the client has no such operation. */
export const operationOf = (
  exports: Readonly<Record<string, unknown>>,
  operation: string,
): { readonly input: SdkSchema; readonly output: SdkSchema } | null => {
  const schema = exports[`${operation}$`];
  if (!Array.isArray(schema) || schema[0] !== 9) return null;
  return { input: schema[4], output: schema[5] };
};

/** Whether a client's exports hold an error of this name. */
export const isModelledError = (exports: Readonly<Record<string, unknown>>, name: string): boolean => {
  const schema = exports[`${name}$`];
  return Array.isArray(schema) && schema[0] === -3;
};
