import { blocksReads, blocksWrites, type Lock } from '../analysis/index.ts';
import { identifier, sqlName } from '../migration/index.ts';

export { identifier, sqlName };

/** A name for something new, `users_email_key`, of the 63 bytes that PostgreSQL keeps: the first parts give way. */
export const nameOf = (parts: readonly string[], ending: string): string => {
  let start = parts.join('_');
  while (new TextEncoder().encode(`${start}_${ending}`).length > 63) start = start.slice(0, -1);
  return identifier(`${start}_${ending}`);
};

const whoWaits = ({ mode }: Lock): string =>
  blocksReads(mode) ? 'reads and writes of it wait' : blocksWrites(mode) ? 'writes to it wait' : 'nobody waits for it';

const meanwhile = {
  instant: 'for a moment',
  scan: 'while every row is read',
  build: 'while the index is built',
  rewrite: 'while the table is written anew',
} as const satisfies Record<Lock['duration'], string>;

const scaled = (value: number, step: number, units: readonly string[]): string => {
  let [rest, at] = [value, 0];
  for (; rest >= step && at < units.length - 1; at += 1) rest /= step;
  const digits = rest < 10 && at > 0 ? 1 : 0;
  return `${rest.toFixed(digits).replace(/\.0$/, '')}${units[at] ?? ''}`;
};

/** ` (2.1 GB, 14 M rows)`, as far as a catalogue told; empty where it did not. */
export const sizeWords = ({ rows, bytes }: Pick<Lock['object'], 'rows' | 'bytes'>): string => {
  const size = bytes === undefined ? [] : [scaled(bytes, 1024, [' bytes', ' kB', ' MB', ' GB', ' TB'])];
  const count =
    rows === undefined ? [] : [`${scaled(rows, 1000, ['', ' k', ' M', ' G'])} ${rows === 1 ? 'row' : 'rows'}`];
  const told = [...size, ...count];
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
};

/** `takes SHARE on app.users (2.1 GB, 14 M rows) while the index is built: writes to it wait`. */
export const lockWords = (lock: Lock): string =>
  `takes ${lock.mode} on ${sqlName(lock.object)}${lock.duration === 'instant' ? '' : sizeWords(lock.object)} ${meanwhile[lock.duration]}: ${whoWaits(lock)}`;
