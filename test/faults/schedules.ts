import {
  type FaultAt,
  faultKinds,
  type Part,
  type Procedures,
  type RunnerPlan,
  type Schedule,
  type Service,
} from './schedule.ts';
import { UsageError } from './usage-error.ts';

/** How many calls an undisturbed run makes, by service. */
export type CallCounts = Readonly<Record<Service, number>>;
export interface Ways {
  readonly up: CallCounts;
  readonly down: CallCounts;
}
export type Baseline = Readonly<Record<Procedures, Ways>>;

type Body = Omit<Schedule, 'seed' | 'part'>;

const first: Readonly<Record<Part, number>> = {
  single: 1_000_000,
  pairs: 2_000_000,
  runners: 3_000_000,
  random: 10_000_000,
  crashes: 5_000_000,
  wrong: 6_000_000,
  fallback: 7_000_000,
  states: 8_000_000,
};

/** A generator of its own, so that a seed means the same on every Node: https://en.wikipedia.org/wiki/Xorshift */
const randomOf = (seed: number): ((below: number) => number) => {
  let state = (seed * 2_654_435_761 + 97) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
};
const pick = <T>(list: readonly T[], random: (below: number) => number): T => list[random(list.length)]!;

/** Kinds of a part of their own, or that only some calls can meet. */
const apart = new Set(['crash-backend', 'crash-server', 'long-transaction']);
const up = (faults: readonly FaultAt[]): RunnerPlan => ({ machine: 'Migrate', input: {}, faults });
const down = (faults: readonly FaultAt[]): RunnerPlan => ({ machine: 'Rollback', input: { to: 'none' }, faults });

/** Which faults a call can meet: those of a snapshot's creation are not those of a look at it. */
const kindsAt = (service: Service, call: number): readonly string[] =>
  faultKinds(service).filter((kind) => {
    if (apart.has(kind)) return false;
    if (service !== 'rds') return true;
    return ['throttled', 'reply-lost', 'slow-reply'].includes(kind) || (kind === 'forgotten') === call > 1;
  });

const everyFault = (counts: CallCounts): FaultAt[] =>
  (['data', 'rds', 'lambda'] as const).flatMap((service) =>
    Array.from({ length: counts[service] }, (_, at) => at + 1).flatMap((call) =>
      kindsAt(service, call).map((kind) => ({ service, call, kind })),
    ),
  );

const one = (start: Schedule['start'], ...runners: readonly RunnerPlan[]): Body => ({
  start,
  changelog: 'good',
  procedures: 'commit',
  runners,
});

/** Every fault at every call, both ways; the first calls also where no ledger is installed; and what Step Functions is asked. */
const singles = ({ up: upCounts, down: downCounts }: Ways): Body[] => [
  ...everyFault(upCounts).map((fault) => one('installed', up([fault]))),
  ...everyFault(downCounts).map((fault) => one('migrated', down([fault]))),
  ...everyFault({ data: 4, rds: 0, lambda: 1, states: 0, task: 0 }).map((fault) => one('empty', up([fault]))),
  // what runs outside a transaction cannot run there, and is refused: test/integration/session-read-only.test.ts
  { ...one('installed', { ...up([]), input: { to: '20250101000300' } }), unfitSessions: true },
  { ...one('migrated', { ...down([]), input: { to: '20250101000400' } }), unfitSessions: true },
  ...[10, 12, 14].map((call) => one('installed', up([{ service: 'data', call, kind: 'long-transaction' }]))),
  ...[1, 2].flatMap((call) =>
    faultKinds('states').map((kind) => ({
      ...one('installed', up([]), up([{ service: 'states', call, kind }])),
      interleaving: { before: 8, until: 40, aborted: false },
    })),
  ),
];

/** The same where procedures cannot commit, and where they give no row back: each in turn, so that every stride meets both. */
const fallbacks = (baseline: Baseline): Body[] => {
  const [left, right] = (['no-commit', 'no-row'] as const).map((procedures) =>
    singles(baseline[procedures]).map((body): Body => ({ ...body, procedures })),
  ) as [Body[], Body[]];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    [left[at], right[at]].filter((body) => body !== undefined),
  ).flat();
};

const broken = (call: number): FaultAt[] => faultKinds('task').map((kind) => ({ service: 'task', call, kind }));
const calls = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** Each state of each machine: its Task fails, does not answer, or answers something else; also while a failure is being settled. */
const states = ({ commit: { up: upCounts, down: downCounts } }: Baseline): Body[] => {
  return [
    ...calls(upCounts.task).flatMap((call) => broken(call).map((fault) => one('installed', up([fault])))),
    ...calls(downCounts.task).flatMap((call) => broken(call).map((fault) => one('migrated', down([fault])))),
    ...(['wrong-asserted', 'wrong-deferred'] as const).flatMap((changelog) =>
      settleTasks.flatMap((call) =>
        broken(call).map((fault): Body => ({ ...one('installed', up([fault])), changelog })),
      ),
    ),
  ];
};

/** In a run with a wrong migration, the Tasks around the one that settles the failure. */
const settleTasks = [11, 12, 13];

/** Each changelog with a wrong migration, undisturbed and with faults at the calls that meet it. */
const wrongs = (): Body[] =>
  (['wrong-deferred', 'wrong-canceled', 'wrong-asserted', 'wrong-meddling'] as const).flatMap((changelog) => [
    { ...one('installed', up([])), changelog },
    ...[4, 8, 9].flatMap((call) =>
      ['request-lost', 'reply-lost', 'failed-after', 'late-soon', 'late-end', 'lambda-killed-after'].map((kind) => ({
        ...one('installed', up([{ service: 'data', call, kind }])),
        changelog,
      })),
    ),
  ]);

const fault = (counts: CallCounts, random: (below: number) => number): FaultAt => {
  const services: readonly Service[] = ['data', 'data', 'data', 'data', 'data', 'lambda', 'rds', 'task'];
  const service = pick(services, random);
  const call = 1 + random(counts[service]);
  return { service, call, kind: pick(kindsAt(service, call), random) };
};

const pair = (at: number, { commit: baseline }: Baseline): Body => {
  const random = randomOf(first.pairs + at);
  const goesUp = at % 2 === 0;
  const counts = goesUp ? baseline.up : baseline.down;
  const faults = [fault(counts, random), fault(counts, random)];
  return goesUp ? one('installed', up(faults)) : one('migrated', down(faults));
};

/** The grid's sides: before which call the first one waits, up to which call the second one runs; both directions mixed. */
const grid = ({
  commit: {
    up: { data },
  },
}: Baseline): Body[] => {
  const calls = Array.from({ length: data }, (_, at) => at + 1);
  return calls.flatMap((before) =>
    calls.flatMap((until) =>
      [false, true].map((aborted) => ({
        ...one('installed', up([]), (before + until) % 4 === 0 ? down([]) : up([])),
        interleaving: { before, until, aborted },
      })),
    ),
  );
};

const randomly = (at: number, ways: Baseline): Body => {
  const random = randomOf(first.random + at);
  const procedures = pick(['commit', 'commit', 'commit', 'commit', 'no-commit', 'no-row'] as const, random);
  const baseline = ways[procedures];
  const start = pick(['installed', 'installed', 'migrated', 'migrated', 'empty'] as const, random);
  const runners = Array.from({ length: 1 + random(3) }, (): RunnerPlan => {
    const machine =
      start === 'migrated'
        ? pick(['Rollback', 'Rollback', 'Migrate'] as const, random)
        : pick(['Migrate', 'Migrate', 'Migrate', 'Rollback'] as const, random);
    const input =
      machine === 'Migrate' ? pick([{}, {}, { steps: 3 }], random) : pick([{}, { to: 'none' }, { steps: 2 }], random);
    return { machine, input, faults: [], startsAtCall: 1 + random(20) };
  });
  const count = 1 + random(6);
  const plans = runners.map((plan) => ({ ...plan, faults: [] as FaultAt[] }));
  for (let n = 0; n < count; n++) {
    const plan = pick(plans, random);
    plan.faults.push(fault(plan.machine === 'Migrate' ? baseline.up : baseline.down, random));
  }
  return { ...one(start, ...plans), procedures };
};

const crash = (at: number, { commit: baseline }: Baseline): Body => {
  const random = randomOf(first.crashes + at);
  const goesUp = at % 2 === 0;
  const counts = goesUp ? baseline.up : baseline.down;
  const faults = [
    { service: 'data', call: 1 + random(counts.data), kind: at % 4 < 2 ? 'crash-backend' : 'crash-server' },
  ] as const;
  return goesUp ? one('installed', up(faults)) : one('migrated', down(faults));
};

/** The lists of a baseline, made once: a run asks for each of their seeds. */
const listsOf = (
  baseline: Baseline,
): Readonly<Record<'single' | 'fallback' | 'states' | 'wrong' | 'runners', readonly Body[]>> => {
  const known = lists.get(baseline);
  if (known) return known;
  const made = {
    single: singles(baseline.commit),
    fallback: fallbacks(baseline),
    states: states(baseline),
    wrong: wrongs(),
    runners: grid(baseline),
  };
  lists.set(baseline, made);
  return made;
};
const lists = new WeakMap<Baseline, ReturnType<typeof listsOf>>();

/** How many there are of each part; null: as many as are asked for. */
export const sizes = (baseline: Baseline): Readonly<Record<Part, number | null>> => ({
  single: listsOf(baseline).single.length,
  fallback: listsOf(baseline).fallback.length,
  states: listsOf(baseline).states.length,
  pairs: null,
  runners: listsOf(baseline).runners.length,
  random: null,
  crashes: null,
  wrong: listsOf(baseline).wrong.length,
});

/** The schedule of a seed, the same each time for the same baseline. @throws UsageError for a seed of no part */
export const scheduleOf = (seed: number, baseline: Baseline): Schedule => {
  const part = (Object.keys(first) as Part[])
    .toSorted((a, b) => first[b] - first[a])
    .find((each) => seed >= first[each]);
  if (part === undefined)
    throw new UsageError(`the seed ${seed} belongs to no part; the first is ${first.single}, of single`);
  const at = seed - first[part];
  const body = {
    single: () => listsOf(baseline).single[at],
    fallback: () => listsOf(baseline).fallback[at],
    states: () => listsOf(baseline).states[at],
    pairs: () => pair(at, baseline),
    runners: () => listsOf(baseline).runners[at],
    random: () => randomly(at, baseline),
    crashes: () => crash(at, baseline),
    wrong: () => listsOf(baseline).wrong[at],
  }[part]();
  if (body === undefined)
    throw new UsageError(
      `the seed ${seed} is past the last of ${part}; it has ${first[part]} to ${first[part] + (sizes(baseline)[part] ?? 0) - 1}`,
    );
  return { seed, part, ...body };
};

export const seedOf = (part: Part, at: number): number => first[part] + at;
