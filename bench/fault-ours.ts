import { openRunner } from '../test/faults/runner.ts';
import type { RunnerPlan } from '../test/faults/schedule.ts';
import type { FaultServer } from '../test/faults/server.ts';
import { World } from '../test/faults/world.ts';
import type { RunVerdict } from '../test/faults/checker.ts';
import { type Attempt, type FaultContestant, isConverged, lookAt, type Report, rerunsAtMost } from './fault-cases.ts';

const reportOf = ({ status, cause }: RunVerdict): Report =>
  status === 'SUCCEEDED' ? { said: 'applied' } : { said: 'failed', at: /\b(20250101\d{6})\b/.exec(cause)?.[1] ?? null };

/** The deployed state machine and the real handlers, as the fault suite runs them; the one who dies is the Lambda. */
export const faultOurs = (server: FaultServer, template: string): FaultContestant => ({
  name: 'lockkeeper',
  play: async (fault) => {
    const kind = fault?.kind === 'runner-killed' ? 'lambda-killed-before' : fault?.kind;
    const faults = fault === null ? [] : [{ service: 'data' as const, call: fault.call, kind: kind! }];
    const plan: RunnerPlan = { machine: 'Migrate', input: {}, faults };
    const world = await World.open({
      server,
      template,
      schedule: { seed: 1, part: 'single', start: 'empty', changelog: 'good', procedures: 'commit', runners: [plan] },
    });
    try {
      await world.checker.begin();
      const runner = await openRunner(world, 'r1', plan);
      world.adopt(runner);
      const attempts: Attempt[] = [];
      const attempt = async (run: () => Promise<RunVerdict>): Promise<void> => {
        const before = await lookAt(world.url);
        const report = reportOf(await run());
        await world.lateThrough();
        attempts.push({ report, before, after: await lookAt(world.url) });
      };
      await attempt(() => runner.run());
      const calls = runner.disturber.counts.data;
      const reruns = fault === null ? 0 : rerunsAtMost;
      for (let rerun = 1; rerun <= reruns && !isConverged(attempts.at(-1)!); rerun += 1)
        await attempt(() => runner.runUndisturbed(`r${rerun + 1}`, { ...plan, faults: [] }));
      return { calls, attempts };
    } finally {
      await world.close();
    }
  },
});
