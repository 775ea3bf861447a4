import type { LedgerEntry, LedgerEvent } from '../ledger/index.ts';
import type { Direction, HistoryRun } from './line.ts';
import { duration } from './wording.ts';

const numberAt = ({ detail }: LedgerEvent, key: string): number | null => {
  const value = detail[key];
  return typeof value === 'number' ? value : null;
};
const textAt = ({ detail }: LedgerEvent, key: string): string | null => {
  const value = detail[key];
  return typeof value === 'string' ? value : null;
};

const directionOf = (begun: LedgerEvent | undefined): Direction | null => {
  const direction = begun && textAt(begun, 'direction');
  return direction === 'up' || direction === 'down' ? direction : null;
};

const eventText = (event: LedgerEvent): string => {
  switch (event.kind) {
    case 'applied':
    case 'reverted':
    case 'statement': {
      const [rows, ms] = [numberAt(event, 'rows') ?? 0, numberAt(event, 'ms')];
      return [rows === 1 ? '1 row' : rows > 1 ? `${rows} rows` : '', ms === null ? '' : duration(ms)]
        .filter(Boolean)
        .join(', ');
    }
    case 'failed':
      return [textAt(event, 'sqlstate'), textAt(event, 'message')].filter(Boolean).join(' ');
    case 'snapshot':
      return textAt(event, 'identifier') ?? '';
    case 'taken-over':
      return `from ${textAt(event, 'from')}`;
    case 'ended':
      return [textAt(event, 'verdict'), textAt(event, 'code')].filter(Boolean).join(' ');
    default:
      return '';
  }
};

const runOf = (run: string, events: readonly LedgerEvent[], actor: string | null): HistoryRun => {
  const begun = events.find(({ kind }) => kind === 'begun');
  const ended = events.findLast(({ kind }) => kind === 'ended');
  const count = (kind: LedgerEvent['kind']): number => events.filter((event) => event.kind === kind).length;
  const counting = events.filter(({ kind }) => kind === 'applied' || kind === 'reverted' || kind === 'statement');
  return {
    run,
    direction: directionOf(begun),
    actor,
    begunAt: begun?.at ?? null,
    endedAt: ended?.at ?? null,
    verdict: ended ? textAt(ended, 'verdict') : null,
    applied: count('applied'),
    reverted: count('reverted'),
    rows: counting.reduce((sum, event) => sum + (numberAt(event, 'rows') ?? 0), 0),
    durationMs: ended ? numberAt(ended, 'durationMs') : null,
    events: events
      .filter(({ kind }) => kind !== 'begun' && kind !== 'ended')
      .map((event) => ({ at: event.at, kind: event.kind, version: event.version, text: eventText(event) })),
  };
};

/**
 * The runs that events (newest first) tell of, newest first, at most `limit`. The actor is the database's user, from an entry of the run.
 * A run whose beginning lies before the events given is left out.
 */
export const historyRuns = (
  events: readonly LedgerEvent[],
  entries: readonly Pick<LedgerEntry, 'run' | 'actor'>[],
  limit: number,
): HistoryRun[] => {
  const actors = new Map(entries.map(({ run, actor }) => [run, actor]));
  const byRun = new Map<string, LedgerEvent[]>();
  for (const event of events) {
    if (event.run === null) continue;
    byRun.set(event.run, [event, ...(byRun.get(event.run) ?? [])]);
  }
  return [...byRun]
    .filter(([, ofRun]) => ofRun.some(({ kind }) => kind === 'begun'))
    .slice(0, limit)
    .map(([run, ofRun]) => runOf(run, ofRun, actors.get(run) ?? null));
};
