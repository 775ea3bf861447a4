import { createHash, randomUUID } from 'node:crypto';
import type jsonata from 'jsonata';

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const partition = (list: unknown, size: unknown): unknown => {
  const step = Math.trunc(Number(size));
  if (list === undefined || !(step > 0)) return undefined;
  const items = Array.isArray(list) ? list : [list];
  if (items.length === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / step) }, (_, n) => items.slice(n * step, (n + 1) * step));
};

const range = (first: unknown, last: unknown, delta: unknown): unknown => {
  const [from, to, step] = [first, last, delta].map((each) => Math.trunc(Number(each))) as [number, number, number];
  const count = Math.floor((to - from) / step) + 1;
  if (!Number.isFinite(count) || count < 1) return undefined;
  const numbers = Array.from({ length: count }, (_, n) => from + n * step);
  return numbers.length === 1 ? numbers[0] : numbers;
};

const hash = (content: unknown, algorithm: unknown): unknown => {
  if (typeof content !== 'string' || algorithm === undefined) return undefined;
  const known = algorithms[String(algorithm)];
  if (!known) throw new Error(`$hash knows ${Object.keys(algorithms).join(', ')}, not ${String(algorithm)}`);
  return createHash(known).update(content).digest('hex');
};

/** Mulberry32: the same seed gives the same number, though not the number that AWS gives. */
const seeded = (seed: number): number => {
  const a = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  const b = Math.imul(a ^ (a >>> 15), a | 1);
  const c = b ^ (b + Math.imul(b ^ (b >>> 7), b | 61));
  return ((c ^ (c >>> 14)) >>> 0) / 2 ** 32;
};

/**
 * The functions that Step Functions adds to JSONata, by name
 * (https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn).
 * An argument that makes no sense gives undefined, as there.
 */
export const addedFunctions = {
  partition,
  range,
  hash,
  random: (seed: unknown): unknown => (seed === undefined ? Math.random() : seeded(Number(seed))),
  uuid: (): unknown => randomUUID(),
  parse: (text: unknown): unknown => (text === undefined ? undefined : JSON.parse(String(text))),
} as const;

/** Functions of JSONata that Step Functions does not have, and what to use. */
export const refusedFunctions: Readonly<Record<string, string>> = { eval: '$parse' };

interface NativeFunction {
  implementation(this: unknown, ...rest: unknown[]): unknown;
}

/** Gives an expression the added functions, and a clock for `$now` and `$millis`. */
export const addFunctions = (expression: jsonata.Expression, clock: { now(): number }): void => {
  for (const [name, body] of Object.entries(addedFunctions)) {
    expression.registerFunction(name, body as (...values: unknown[]) => unknown);
  }
  expression.registerFunction('millis', () => clock.now());
  expression.registerFunction('now', function nowText(picture?: unknown, zone?: unknown) {
    const format = this.environment.lookup('fromMillis') as NativeFunction;
    return format.implementation.call(this, clock.now(), picture, zone);
  });
};
