import type { z } from 'zod';
import { invalidParameter, notImitated, RdsFault } from './rds-fault.ts';

type Parameter = string | Parameter[] | { [name: string]: Parameter };

/**
 * The parameters of a form body of the AWS query protocol, nested: `Tags.Tag.1.Key=a` gives `{ Tags: [{ Key: 'a' }] }`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export const readQuery = (body: string): { action: string; version: string; parameters: Parameter } => {
  const root = node();
  for (const [key, value] of new URLSearchParams(body)) {
    const path = key.split('.');
    const last = path.pop() ?? '';
    let at = root;
    for (const part of path) {
      const next = at[part];
      at = typeof next === 'object' && !Array.isArray(next) ? next : (at[part] = node());
    }
    at[last] = value;
  }
  const { Action: action = '', Version: version = '', ...parameters } = root;
  return { action: String(action), version: String(version), parameters: withLists(parameters) };
};

const node = (): { [name: string]: Parameter } => Object.create(null) as { [name: string]: Parameter };

const withLists = (value: Parameter): Parameter => {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && typeof only[1] === 'object' && !Array.isArray(only[1])) {
    const members = Object.entries(only[1]);
    if (members.every(([index]) => /^\d+$/.test(index))) {
      return members.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, member]) => withLists(member));
    }
  }
  return Object.fromEntries(entries.map(([name, each]) => [name, withLists(each)]));
};

/** @throws RdsFault for a parameter that is missing, malformed or not imitated */
export const parseParameters = <S extends z.ZodType>(schema: S, action: string, parameters: unknown): z.infer<S> => {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') throw notImitated(`parameter ${issue.keys.join(', ')} of rds:${action}`);
  const name = issue?.path.join('.') ?? '';
  if (issue?.code === 'invalid_type' && issue.input === undefined) {
    throw new RdsFault('MissingParameter', 400, `The request must contain the parameter ${name}`);
  }
  throw invalidParameter(`Invalid value for the parameter ${name}`);
};
