import { isStoodFor, type Part } from './schedule.ts';
import { type Baseline, scheduleOf, seedOf, sizes } from './schedules.ts';
import { UsageError } from './usage-error.ts';

/** What a run plays: seeds that can be played beside others, and those that crash the server of their process. */
export interface FaultPlan {
  readonly together: readonly number[];
  readonly crashing: readonly number[];
}

export const partNames: readonly string[] = [
  'single',
  'fallback',
  'states',
  'wrong',
  'pairs',
  'runners',
  'random',
  'crashes',
  'mutants',
];

/** @throws UsageError that names the unknown part, and the known ones */
export const partsOf = (only: string | undefined): ReadonlySet<string> | null => {
  if (only === undefined) return null;
  for (const part of only.split(','))
    if (!partNames.includes(part))
      throw new UsageError(`--only names an unknown part: ${part}; known are ${partNames.join(', ')}`);
  return new Set(only.split(','));
};

export interface PlanOptions {
  readonly full: boolean;
  /** Every n-th schedule only. */
  readonly sample: number;
  readonly only: ReadonlySet<string> | null;
}

/** The seeds of a run: all singles and a sample of the rest, or all there is. The prime strides spread a sample over calls and kinds. */
export const planOf = (baseline: Baseline, { full, sample, only }: PlanOptions): FaultPlan => {
  const size = sizes(baseline);
  const upTo = (part: Part, count: number, stride = 1): number[] =>
    Array.from({ length: count }, (_, n) => seedOf(part, n * stride)).filter(
      (seed) => size[part] === null || seed - seedOf(part, 0) < size[part],
    );
  const whole = (part: Part): number[] => upTo(part, size[part] ?? 0);
  const seeds = full
    ? [
        ...whole('single'),
        ...whole('wrong'),
        ...whole('states'),
        // procedures that work are what is believed: all of it on demand
        ...(only?.has('fallback') ? whole('fallback') : upTo('fallback', 2_000, 3)),
        ...upTo('pairs', 2_000),
        ...whole('runners'),
        ...upTo('random', 10_000),
        ...upTo('crashes', 100),
      ]
    : [
        ...whole('single').filter((seed) => !isStoodFor(scheduleOf(seed, baseline))),
        ...upTo('wrong', 20, 3),
        ...upTo('states', 30, 7),
        ...upTo('fallback', 40, 73),
        ...upTo('pairs', 20),
        ...upTo('runners', 20, 47),
        ...upTo('random', 20),
        ...upTo('crashes', 6),
      ];
  const chosen = seeds
    .filter((_, at) => at % sample === 0)
    .filter((seed) => only === null || only.has(scheduleOf(seed, baseline).part));
  const isCrashing = (seed: number): boolean => scheduleOf(seed, baseline).part === 'crashes';
  return {
    together: chosen.filter((seed) => !isCrashing(seed)),
    crashing: chosen.filter(isCrashing),
  };
};
