import type { Json } from '../../../errors/index.ts';
import { isExpression } from '../template.ts';
import { memberName } from './java-names.ts';
import { type SdkSchema, shapeOf } from './sdk-schema.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const wrong = (path: string, expected: string): string => `the field ${JSON.stringify(path)} is not ${expected}`;

/**
 * Arguments as a Task writes them, as the JavaScript client takes them. What the service's model does not know is told to `refuse`.
 * An expression that stands for a whole value passes as it is.
 */
export const toSdk = (value: Json, schema: SdkSchema, refuse: (why: string) => void, path = ''): unknown => {
  if (value === null || (typeof value === 'string' && isExpression(value))) return value ?? undefined;
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'structure': {
      if (!isObject(value) || Array.isArray(value)) return refuse(wrong(path, 'an object'));
      const names = new Map([...shape.members.keys()].map((name) => [memberName(name), name]));
      const fields: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value)) {
        const at = path === '' ? key : `${path}.${key}`;
        const name = names.get(key);
        if (name === undefined) refuse(`the field ${JSON.stringify(at)} is not supported by Step Functions`);
        else fields[name] = toSdk(each as Json, shape.members.get(name), refuse, at);
      }
      return fields;
    }
    case 'list':
      if (!Array.isArray(value)) return refuse(wrong(path, 'a list'));
      return value.map((each, at) => toSdk(each as Json, shape.member, refuse, `${path}[${at}]`));
    case 'map':
      if (!isObject(value) || Array.isArray(value)) return refuse(wrong(path, 'an object'));
      return Object.fromEntries(
        Object.entries(value).map(([key, each]) => [key, toSdk(each as Json, shape.member, refuse, `${path}.${key}`)]),
      );
    case 'timestamp': {
      const instant = new Date(typeof value === 'number' ? value * 1000 : String(value));
      return Number.isNaN(instant.getTime()) ? refuse(wrong(path, 'a timestamp')) : instant;
    }
    case 'blob':
      return Buffer.from(String(value));
    case 'simple':
      return isObject(value) ? refuse(wrong(path, 'a text, a number or true or false')) : value;
  }
  return shape satisfies never;
};

/** The client's answer as Step Functions shows it: the Java SDK's casing, timestamps in ISO 8601, absent members left out. */
export const fromSdk = (value: unknown, schema: SdkSchema): Json => {
  if (value === undefined || value === null) return null;
  const shape = shapeOf(schema);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) {
    const member = shape.kind === 'list' ? shape.member : 0;
    return value.map((each) => fromSdk(each, member));
  }
  if (!isObject(value)) return typeof value === 'bigint' ? Number(value) : (value as Json);
  const present = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  if (shape.kind === 'map') return Object.fromEntries(present.map(([key, each]) => [key, fromSdk(each, shape.member)]));
  const members = shape.kind === 'structure' ? shape.members : new Map<string, SdkSchema>();
  return Object.fromEntries(
    present
      .filter(([key]) => members.has(key))
      .map(([key, each]) => [memberName(key), fromSdk(each, members.get(key))]),
  );
};
