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

/** `takes SHARE on app.users while the index is built: writes to it wait`. */
export const lockWords = (lock: Lock): string =>
  `takes ${lock.mode} on ${sqlName(lock.object)} ${meanwhile[lock.duration]}: ${whoWaits(lock)}`;
