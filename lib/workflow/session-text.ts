import type { Session } from '../ledger/activity.ts';
import type { LockHolder } from '../ledger/lock-holders.ts';

const applicationLength = 63;
const locksShown = 3;
const sessionsShown = 5;

/** A session in one line, `pid 4711 (75 s, report, idle in transaction): SELECT … FROM users`; what our role may not see is said to be hidden. */
export const sessionText = ({ pid, ageSeconds, application, state, query }: Session): string => {
  const what = [ageSeconds === null ? '' : `${ageSeconds} s`, application.slice(0, applicationLength), state ?? ''];
  const known = what.filter((part) => part !== '');
  return `pid ${pid}${known.length > 0 ? ` (${known.join(', ')})` : ''}${queryText(state, query)}`;
};

const queryText = (state: string | null, query: string | null): string => {
  if (state === null) return ': state and statement are hidden from our role';
  return query === null ? '' : `: ${query}`;
};

/** Each session in a line of its own behind `head`, the first few of them. */
const listed = (head: string, lines: readonly string[]): string => {
  const more = lines.length - sessionsShown;
  return [head, ...lines.slice(0, sessionsShown), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n  ');
};

export const sessionsText = (head: string, sessions: readonly Session[]): string =>
  listed(head, sessions.map(sessionText));

const holderText = ({ session, locks }: LockHolder): string => {
  const more = locks.length - locksShown;
  const held = `${locks.slice(0, locksShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  if (session === null) return `a prepared transaction, see pg_prepared_xacts; it holds ${held}`;
  return `${sessionText(session)}; it holds ${held}`;
};

export const holdersText = (head: string, holders: readonly LockHolder[]): string =>
  listed(head, holders.map(holderText));
