import {
  foreseenAtMost,
  type ForeseenLock,
  type ForeseenLoss,
  isDestructive,
  type LockDuration,
  lockDurations,
  lockModes,
  type SectionFacts,
  sqlName,
} from '../migration/index.ts';
import type { AlterPart, NamedObject, ObjectRole, StatementFacts } from './facts/facts.ts';
import { blocksReads, blocksWrites, type Lock } from './locks/lock.ts';
import type { KnownStatement } from './replay/statement-at.ts';

/** Weaker ones are those of ordinary reading and writing, for which nobody waits. */
const weakest = lockModes.indexOf('SHARE UPDATE EXCLUSIVE');

const modeRank = ({ mode }: Pick<ForeseenLock, 'mode'>): number => lockModes.indexOf(mode);
const durationRank = ({ duration }: { readonly duration: LockDuration }): number => lockDurations.indexOf(duration);

/** The locks of a statement that are worth telling: an index or a sequence goes with its table where both are locked. */
const toldLocks = ({ locks }: StatementFacts): readonly Lock[] => {
  const told = locks.filter((lock) => modeRank(lock) >= weakest);
  const others = told.filter(({ object }) => object.kind !== 'index' && object.kind !== 'sequence');
  return others.length > 0 ? others : told;
};

/** A lock with the longest work that is done under it: its own, or that of a later statement of the transaction. */
const heldThrough = (lock: Lock, rest: Lock): ForeseenLock => {
  const object = sqlName(lock.object);
  const longest = durationRank(rest) > durationRank(lock) ? rest : lock;
  const work = sqlName(longest.object);
  return { object, mode: lock.mode, duration: longest.duration, ...(work === object ? {} : { work }) };
};

const inTransactions = (statements: readonly KnownStatement[]): readonly (readonly StatementFacts[])[] => {
  const groups = new Map<number, StatementFacts[]>();
  for (const { transaction, facts } of statements) {
    const group = groups.get(transaction);
    if (group === undefined) groups.set(transaction, [facts]);
    else group.push(facts);
  }
  return [...groups.values()];
};

/** For each statement the first of the locks with the longest work, of its own and those behind it. */
const longestFrom = (transaction: readonly StatementFacts[]): readonly (Lock | null)[] => {
  const longest: (Lock | null)[] = [];
  let behind: Lock | null = null;
  for (const { locks } of transaction.toReversed()) {
    for (const lock of locks.toReversed())
      if (behind === null || durationRank(lock) >= durationRank(behind)) behind = lock;
    longest.push(behind);
  }
  return longest.toReversed();
};

const covers = (one: ForeseenLock, other: ForeseenLock): boolean =>
  one.object === other.object && modeRank(one) >= modeRank(other) && durationRank(one) >= durationRank(other);

/** Those for whom more people wait longer first; what blocks nobody's reads and writes last. */
const weight = (lock: ForeseenLock): number =>
  (blocksReads(lock.mode) ? 2 : blocksWrites(lock.mode) ? 1 : -100) + 10 * durationRank(lock);

const foreseenLocks = (statements: readonly KnownStatement[]): readonly ForeseenLock[] => {
  const found: ForeseenLock[] = [];
  for (const transaction of inTransactions(statements)) {
    const longest = longestFrom(transaction);
    for (const [at, facts] of transaction.entries()) {
      for (const lock of toldLocks(facts)) {
        const held = heldThrough(lock, longest[at] ?? lock);
        if (found.some((known) => covers(known, held))) continue;
        const kept = found.filter((known) => !covers(held, known));
        found.splice(0, found.length, ...kept, held);
      }
    }
  }
  return found.toSorted((a, b) => weight(b) - weight(a));
};

const columnOf = ({ node }: AlterPart): string =>
  node.name === undefined ? '' : `.${sqlName({ schema: null, name: node.name })}`;

const shown = ({ schema, name, part }: NamedObject): string =>
  `${sqlName({ schema, name })}${part === undefined ? '' : `.${sqlName({ schema: null, name: part })}`}`;

const isLosing = <Told extends { readonly loss: StatementFacts['loss'] }>(
  told: Told,
): told is Told & { readonly loss: 'data' | 'unknown' } => isDestructive(told.loss);

const lossesOf = (facts: StatementFacts, line: number): readonly ForeseenLoss[] => {
  if (!isLosing(facts)) return [];
  const { kind, loss, lossOf, objects, parts, inner } = facts;
  const of = lossOf ?? 'old';
  const table = objects.find(({ isNew }) => !isNew);
  const losingParts = parts.filter(isLosing);
  if (table !== undefined && losingParts.length > 0)
    return losingParts.map((part) => ({
      does: part.kind,
      object: `${sqlName(table)}${columnOf(part)}`,
      loss: part.loss,
      of: part.lossOf ?? of,
      line,
    }));
  const inside = inner.flatMap((each) => lossesOf(each.facts, line));
  if (inside.length > 0 && !(facts.hidden && loss === 'unknown')) return inside;
  const touched = (...roles: readonly ObjectRole[]): readonly NamedObject[] =>
    objects.filter(({ role, isNew }) => roles.includes(role) && !isNew);
  const dropped = touched('dropped');
  const written = touched('written', 'altered');
  const lost = dropped.length > 0 ? dropped : kind.startsWith('TRUNCATE') ? written : written.slice(0, 1);
  if (lost.length === 0) return [{ does: kind, object: null, loss, of, line }];
  return lost.map((object) => ({ does: kind, object: shown(object), loss, of, line }));
};

/** The loss of what was there before counts more than that of what came since. */
const byWorst = (a: ForeseenLoss, b: ForeseenLoss): number =>
  Number(a.of === 'since') - Number(b.of === 'since') || a.line - b.line;

const foreseenLosses = (statements: readonly KnownStatement[]): readonly ForeseenLoss[] => {
  const found = new Map<string, ForeseenLoss>();
  for (const { statement, facts } of statements)
    for (const loss of lossesOf(facts, statement.place.line)) {
      const key = JSON.stringify([loss.does, loss.object]);
      if (!found.has(key)) found.set(key, loss);
    }
  return [...found.values()].toSorted(byWorst);
};

/** What a section locks for others and what it loses, the worst first. */
export const sectionFacts = (statements: readonly KnownStatement[]): SectionFacts => {
  const locks = foreseenLocks(statements);
  const losses = foreseenLosses(statements);
  return {
    locks: locks.slice(0, foreseenAtMost),
    moreLocks: Math.max(0, locks.length - foreseenAtMost),
    losses: losses.slice(0, foreseenAtMost),
    moreLosses: Math.max(0, losses.length - foreseenAtMost),
  };
};
