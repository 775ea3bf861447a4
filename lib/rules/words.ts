import { blocksReads, blocksWrites, type Lock, type QualifiedName } from '../analysis/index.ts';

/** A name as SQL writes it, with quotes only where they are needed. */
export const sqlName = ({ schema, name }: QualifiedName): string =>
  [schema, name].flatMap((part) => (part === null ? [] : [identifier(part)])).join('.');

export const identifier = (word: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`;

const whoWaits = ({ mode }: Lock): string =>
  blocksReads(mode) ? 'reads and writes of it wait' : blocksWrites(mode) ? 'writes to it wait' : 'nobody waits for it';

const meanwhile = {
  instant: 'for a moment',
  scan: 'while every row is read',
  build: 'while the index is built',
  rewrite: 'while the table is written anew',
} as const satisfies Record<Lock['duration'], string>;

/** `takes SHARE on app.users while the index is built: writes to it wait`. */
export const lockWords = (lock: Lock): string =>
  `takes ${lock.mode} on ${sqlName(lock.object)} ${meanwhile[lock.duration]}: ${whoWaits(lock)}`;
