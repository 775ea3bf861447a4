import { performance } from 'node:perf_hooks';
import { checkSchedule, type Procedures, type Schedule } from './schedule.ts';
import { type Baseline, type CallCounts, scheduleOf, type Ways } from './schedules.ts';
import { type FaultServer } from './server.ts';
import { makeTemplates, type Templates } from './templates.ts';
import { type Mutation, type Outcome, within, World } from './world.ts';

export interface Played {
  readonly schedule: Schedule;
  readonly outcome: Outcome;
  readonly ms: number;
}

/** A schedule takes a second or two; one that takes this long never ends. */
const limitMs = 90_000;

/** Plays one schedule. A harness that cannot go on counts as a violation, so that nothing passes unseen. */
export const play = async (
  server: FaultServer,
  templates: Templates,
  schedule: Schedule,
  mutant?: Mutation,
): Promise<Played> => {
  checkSchedule(schedule);
  const began = performance.now();
  const world = await World.open({ server, template: templates[schedule.start], schedule, ...(mutant && { mutant }) });
  try {
    return { schedule, outcome: await within(limitMs, world.play()), ms: performance.now() - began };
  } catch (error) {
    const violations = [
      ...world.checker.violations,
      { invariant: 'harness', what: String((error as Error).stack), when: 'while playing' },
    ];
    return {
      schedule,
      outcome: { violations, counts: {}, trace: world.lines, verdicts: [] },
      ms: performance.now() - began,
    };
  }
};

/** Counts the calls of undisturbed runs. @throws Error when one of them is not well */
export const measureBaseline = async (server: FaultServer, templates: Templates): Promise<Baseline> => {
  const count = async (schedule: Schedule): Promise<CallCounts> => {
    const { outcome } = await play(server, templates, schedule);
    if (outcome.violations.length > 0)
      throw new Error(
        `an undisturbed run is not well: ${JSON.stringify(outcome.violations)}\n${outcome.trace.join('\n')}`,
      );
    return outcome.counts as CallCounts;
  };
  const both = async (procedures: Procedures): Promise<Ways> => {
    const none = { seed: 0, part: 'single', changelog: 'good', procedures } as const;
    return {
      up: await count({ ...none, start: 'installed', runners: [{ machine: 'Migrate', input: {}, faults: [] }] }),
      down: await count({
        ...none,
        start: 'migrated',
        runners: [{ machine: 'Rollback', input: { to: 'none' }, faults: [] }],
      }),
    };
  };
  return { commit: await both('commit'), 'no-commit': await both('no-commit'), 'no-row': await both('no-row') };
};

/** Plays seeds, a few at once. */
export const playSeeds = async (
  server: FaultServer,
  templates: Templates,
  baseline: Baseline,
  seeds: readonly number[],
  onPlayed: (played: Played) => void,
  atOnce = 3,
): Promise<void> => {
  const left = [...seeds];
  const worker = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift())
      onPlayed(await play(server, templates, scheduleOf(seed, baseline)));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

export { makeTemplates };
