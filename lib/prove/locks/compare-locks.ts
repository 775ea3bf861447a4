import { type Lock, type LockMode, lockModes, replay, strongerMode } from '../../analysis/index.ts';
import type { Migration } from '../../migration/index.ts';
import type { LockedRelation, ObservedStatement } from './observed-lock.ts';

/** What the analysis says of a section's locks, statement after statement. */
export interface SectionClaims {
  readonly up: readonly Lock[];
  readonly down: readonly Lock[];
}

/** The claims of a changelog by file, from the analysis's own replay. `loadParser()` has to have been awaited. */
export const claimedLocks = (migrations: readonly Migration[]): ReadonlyMap<string, SectionClaims> => {
  const claims = new Map<string, { up: Lock[]; down: Lock[] }>(
    migrations.map(({ file }) => [file, { up: [], down: [] }]),
  );
  replay(migrations, ({ section, facts }) => {
    claims.get(section.script.file)?.[section.name].push(...facts.locks);
  });
  return claims;
};

/** A relation of which the server and the analysis say different things. */
export interface LockDisagreement {
  /** Qualified, not quoted. */
  readonly relation: string;
  /** Null where the analysis speaks of no lock. */
  readonly claimed: LockMode | null;
  /** Null where no lock was seen. */
  readonly observed: LockMode | null;
  readonly claimedRewrite: boolean;
  readonly observedRewrite: boolean;
}

interface Summary {
  mode: LockMode;
  isRewritten: boolean;
}

const keyOf = ({ schema, name }: { readonly schema: string | null; readonly name: string }): string =>
  `${schema ?? 'public'}.${name}`;

/** Others wait for tables; what happens to their indexes is part of it. */
const isCompared = ({ kind }: Pick<LockedRelation, 'kind'>): boolean => !['index', 'sequence', 'view'].includes(kind);

const add = (to: Map<string, Summary>, key: string, mode: LockMode, isRewritten: boolean): void => {
  const known = to.get(key);
  if (known === undefined) to.set(key, { mode, isRewritten });
  else {
    known.mode = strongerMode(known.mode, mode);
    known.isRewritten ||= isRewritten;
  }
};

/** ACCESS SHARE, which nothing but ACCESS EXCLUSIVE waits for, is not asked of the analysis. */
const isWorthSaying = (mode: LockMode): boolean => lockModes.indexOf(mode) > 0;

/** The strongest lock on each table over a whole section, claimed and seen; only where the two differ, by name. */
export const compareLocks = (
  claims: readonly Lock[],
  observed: readonly ObservedStatement[],
): readonly LockDisagreement[] => {
  const claimed = new Map<string, Summary>();
  for (const { object, mode, duration } of claims)
    if (isCompared(object) && isWorthSaying(mode)) add(claimed, keyOf(object), mode, duration === 'rewrite');
  const seen = new Map<string, Summary>();
  for (const { locks, rewritten } of observed) {
    for (const { object, mode } of locks)
      if (isCompared(object) && isWorthSaying(mode)) add(seen, keyOf(object), mode, false);
    for (const object of rewritten) if (isCompared(object)) add(seen, keyOf(object), 'ACCESS EXCLUSIVE', true);
  }
  return [...new Set([...claimed.keys(), ...seen.keys()])].toSorted().flatMap((relation) => {
    const said = claimed.get(relation);
    const found = seen.get(relation);
    if (said?.mode === found?.mode && said?.isRewritten === found?.isRewritten) return [];
    return [
      {
        relation,
        claimed: said?.mode ?? null,
        observed: found?.mode ?? null,
        claimedRewrite: said?.isRewritten ?? false,
        observedRewrite: found?.isRewritten ?? false,
      },
    ];
  });
};

/** Whether others wait longer than the analysis says; the contrary happens where a table is not there (IF EXISTS) or is empty. */
export const isUnderstated = ({ claimed, observed, claimedRewrite, observedRewrite }: LockDisagreement): boolean =>
  (observed !== null && (claimed === null || strongerMode(claimed, observed) !== claimed)) ||
  (observedRewrite && !claimedRewrite);

/** Line of the statement at which a disagreement was first seen; null where nothing was. */
export const lineOf = (
  { relation, observed, observedRewrite, claimedRewrite }: LockDisagreement,
  statements: readonly ObservedStatement[],
): number | null =>
  statements.find(({ locks, rewritten }) =>
    observedRewrite && !claimedRewrite
      ? rewritten.some((object) => keyOf(object) === relation)
      : locks.some(({ object, mode }) => keyOf(object) === relation && mode === observed),
  )?.line ?? null;

/** What was seen and what was said, for a person. */
export const disagreementText = (each: LockDisagreement): string => {
  const { relation, claimed, observed, claimedRewrite, observedRewrite } = each;
  const did = `${observed === null ? 'no lock was taken' : `${observed} was taken`} on ${relation}${observedRewrite ? ', which was written anew' : ''}`;
  const without = observedRewrite && !claimedRewrite && claimed !== null ? ' and no rewrite' : '';
  return `${did}; the analysis says ${claimed ?? 'nothing of it'}${without}`;
};
