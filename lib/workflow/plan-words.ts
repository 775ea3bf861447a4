import {
  blocksReads,
  blocksWrites,
  type ForeseenLock,
  type ForeseenLoss,
  type SectionFacts,
} from '../migration/index.ts';
import { wayBackWords } from '../migration/way-back.ts';
import type { PlanStep } from './actions.ts';

/** Who waits for a lock. */
export const waits = ({ mode }: Pick<ForeseenLock, 'mode'>): 'reads and writes' | 'writes' | 'schema changes' =>
  blocksReads(mode) ? 'reads and writes' : blocksWrites(mode) ? 'writes' : 'schema changes';

const meanwhile = ({ duration, work }: ForeseenLock): string => {
  switch (duration) {
    case 'instant':
      return 'for a moment';
    case 'scan':
      return `while every row ${work === undefined ? '' : `of ${work} `}is read`;
    case 'build':
      return `while an index ${work === undefined ? '' : `of ${work} `}is built`;
    case 'rewrite':
      return `while ${work ?? 'the table'} is rewritten`;
    default:
      return duration satisfies never;
  }
};

/** `blocks every write to app.users while an index is built`. */
export const lockText = (lock: ForeseenLock): string => {
  const who = waits(lock);
  const during = meanwhile(lock);
  if (who === 'reads and writes') return `blocks every read and write of ${lock.object} ${during}`;
  if (who === 'writes') return `blocks every write to ${lock.object} ${during}`;
  return `reads and writes of ${lock.object} go on; vacuum and schema changes wait ${during}`;
};

const verbs: readonly (readonly [RegExp, string])[] = [
  [/^TRUNCATE/, 'empties'],
  [/^DELETE/, 'deletes rows of'],
  [/^UPDATE/, 'overwrites values of'],
  [/^MERGE/, 'changes or deletes rows of'],
  [/ALTER COLUMN TYPE$/, 'changes the type, and so may change values, of'],
];

const lostThing = ({ does, object }: ForeseenLoss): string => {
  if (object === null) return does;
  const verb = verbs.find(([pattern]) => pattern.test(does))?.[1];
  if (verb !== undefined) return `${verb} ${object}`;
  const [, dropped] = /^DROP (.+?)(?: CASCADE)?$/.exec(does) ?? [];
  return dropped === undefined ? `what ${does} takes from ${object}` : `drops ${dropped.toLowerCase()} ${object}`;
};

/** `drops column app.users.fax with what is in it`; in a down perhaps only what was written since the up. */
export const lossText = (loss: ForeseenLoss): string => {
  const thing = lostThing(loss);
  const isDropped = thing.startsWith('drops ');
  const whose = loss.of === 'since' ? ' with what was written since the up' : isDropped ? ' with what is in it' : '';
  return loss.loss === 'unknown' ? `cannot be told: ${thing}, line ${loss.line}` : `${thing}${whose}`;
};

const rest = (count: number): readonly string[] => (count > 0 ? [`and ${count} more`] : []);

/** One aspect of a step: a word for it, and what there is to say, a line each. */
export interface Told {
  readonly aspect: 'does' | 'before' | 'locks' | 'loses' | 'back';
  readonly lines: readonly string[];
}

const lockLines = ({ locks, moreLocks }: SectionFacts): readonly string[] =>
  locks.length === 0
    ? ['nothing that others wait for']
    : [...locks.map((lock) => `${lockText(lock)} (${lock.mode})`), ...rest(moreLocks)];

const lossLines = ({ loss, facts }: Pick<PlanStep, 'loss' | 'facts'>): readonly string[] => {
  if (facts !== null && facts.losses.length > 0) return [...facts.losses.map(lossText), ...rest(facts.moreLosses)];
  if (loss === 'data') return ['data'];
  if (loss === 'unknown') return ['cannot be told'];
  return [loss === 'none' ? 'nothing' : 'nothing that cannot be made again'];
};

/** What a person should know of a step before saying yes. What is not known, of an older deployment's migrations, is left out. */
export const tellStep = (step: PlanStep): readonly Told[] => {
  const { kind, statements, snapshot, does, facts, wayBack } = step;
  const what = does.join(', ') || `${statements} statement${statements === 1 ? '' : 's'}`;
  return [
    { aspect: 'does', lines: [`${what}${kind === 'alone' ? ', outside a transaction' : ''}`] },
    ...(snapshot ? [{ aspect: 'before', lines: ['a snapshot is taken'] } as const] : []),
    ...(facts === null ? [] : [{ aspect: 'locks', lines: lockLines(facts) } as const]),
    { aspect: 'loses', lines: lossLines(step) },
    { aspect: 'back', lines: [wayBack === null ? 'not proven' : wayBackWords[wayBack]] },
  ];
};
