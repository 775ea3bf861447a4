import type { Json } from '../../errors/index.ts';
import type { Catcher, Retrier } from './definition.ts';
import type { DefinitionReader } from './definition-reader.ts';
import { readAssign } from './read-assign.ts';

/** The longest that anything may wait or last, in seconds: the service's own bound. */
export const longestSeconds = 99_999_999;

const readErrorEquals = (reader: DefinitionReader, value: Json | undefined, path: string, last: boolean): string[] => {
  const names = reader.list(value, path).map((each, at) => reader.text(each, `${path}[${at}]`));
  if (names.includes('States.ALL') && (names.length > 1 || !last)) {
    reader.refuse(path, 'States.ALL must stand alone, in the last entry of its list');
  }
  return names;
};

const listed = <Entry>(
  reader: DefinitionReader,
  value: Json | undefined,
  path: string,
  read: (value: Json, path: string, last: boolean) => Entry,
): Entry[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) reader.refuse(path, `expected a list, found ${JSON.stringify(value)}`);
  const entries = Array.isArray(value) ? (value as readonly Json[]) : [];
  return entries.map((each, at) => read(each, `${path}[${at}]`, at === entries.length - 1));
};

export const readRetry = (reader: DefinitionReader, value: Json | undefined, path: string): Retrier[] =>
  listed(reader, value, path, (entry, at, last) => {
    const fields = reader.object(entry, at, 'retrier');
    const intervalSeconds = reader.number(fields.IntervalSeconds, `${at}/IntervalSeconds`, 1, longestSeconds, 1);
    const jitter = fields.JitterStrategy ?? 'NONE';
    if (jitter !== 'FULL' && jitter !== 'NONE') {
      reader.refuse(`${at}/JitterStrategy`, `expected FULL or NONE, found ${JSON.stringify(jitter)}`);
    }
    const longest =
      fields.MaxDelaySeconds === undefined
        ? null
        : reader.number(fields.MaxDelaySeconds, `${at}/MaxDelaySeconds`, 1, 31_622_400, 1);
    if (longest !== null && longest <= intervalSeconds) {
      reader.refuse(
        `${at}/MaxDelaySeconds`,
        `expected more than IntervalSeconds (${intervalSeconds}), found ${longest}`,
      );
    }
    return {
      errorEquals: readErrorEquals(reader, fields.ErrorEquals, `${at}/ErrorEquals`, last),
      intervalSeconds,
      maxAttempts: reader.number(fields.MaxAttempts, `${at}/MaxAttempts`, 0, longestSeconds, 3),
      backoffRate: reader.number(fields.BackoffRate, `${at}/BackoffRate`, 1, Number.MAX_VALUE, 2),
      maxDelaySeconds: longest,
      jitter: jitter === 'FULL' ? 'FULL' : 'NONE',
    };
  });

/** `base` is the path of the state. */
export const readCatch = (reader: DefinitionReader, value: Json | undefined, base: string): Catcher[] =>
  listed(reader, value, `${base}/Catch`, (entry, at, last) => {
    const fields = reader.object(entry, at, 'catcher');
    const location = at.slice(base.length + 1);
    return {
      errorEquals: readErrorEquals(reader, fields.ErrorEquals, `${at}/ErrorEquals`, last),
      next: reader.text(fields.Next, `${at}/Next`),
      assign: readAssign(reader, fields.Assign, base, `${location}/Assign`),
      output: reader.template(fields.Output, base, `${location}/Output`),
    };
  });
