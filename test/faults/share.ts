import { mutants, type MutantResult, tryMutant } from './mutants.ts';
import type { Part } from './schedule.ts';
import { type Baseline, scheduleOf } from './schedules.ts';
import { startFaultServer } from './server.ts';
import { makeTemplates, measureBaseline, play } from './suite.ts';

/** What came of one job. */
export type Report =
  | { readonly seed: number; readonly part: Part; readonly ms: number; readonly violations: readonly string[] }
  | { readonly mutant: MutantResult; readonly ms: number }
  | { readonly failed: string };

export type Job = { readonly seed: number } | { readonly mutant: number };
/** From a share to the run, and back. */
export type FromShare =
  | { readonly ready: Baseline }
  | { readonly wants: 'together' | 'crashing'; readonly worker: number }
  | { readonly report: Report };
export type ToShare = { readonly worker: number; readonly job: Job | null };

/** How many schedules a process plays at once: while one waits for PostgreSQL, another computes. */
const atOnce = 3;

const tell = (message: FromShare): void => void process.send?.(message);

/**
 * A process of the suite: it has a PostgreSQL of its own, asks for one job after the other, and tells what came of each.
 * What crashes its server is played alone, after everything else.
 */
export const playShare = async (): Promise<void> => {
  const server = await startFaultServer();
  const waiting = new Map<number, (job: Job | null) => void>();
  process.on('message', ({ worker, job }: ToShare) => waiting.get(worker)?.(job));
  // without the run there is nobody to play for
  process.once('disconnect', () => void server.close().finally(() => process.exit(1)));
  try {
    const templates = await makeTemplates(server, 'base');
    const baseline = await measureBaseline(server, templates);
    tell({ ready: baseline });
    const work = async (job: Job): Promise<Report> => {
      const began = performance.now();
      if ('mutant' in job) {
        const tried = mutants[job.mutant]!;
        // a rule whose text is not found any more lives, and says so
        const mutant = await tryMutant(server, tried, `mutant_${job.mutant}`).catch((error: unknown) => ({
          rule: tried.rule,
          killedBy: null,
          what: String(error),
          tried: 0,
        }));
        return { mutant, ms: Math.round(performance.now() - began) };
      }
      const { schedule, outcome, ms } = await play(server, templates, scheduleOf(job.seed, baseline));
      const violations = outcome.violations.map(({ invariant, what, when }) => `${invariant} ${what} [${when}]`);
      return { seed: schedule.seed, part: schedule.part, ms: Math.round(ms), violations };
    };
    const worker = async (number: number, wants: 'together' | 'crashing'): Promise<void> => {
      for (;;) {
        const job = await new Promise<Job | null>((resolve) => {
          waiting.set(number, resolve);
          tell({ wants, worker: number });
        });
        if (job === null) return;
        tell({ report: await work(job) });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, (_, number) => worker(number, 'together')));
    await worker(0, 'crashing');
  } catch (error) {
    tell({ report: { failed: String((error as Error).stack) } });
  } finally {
    process.removeAllListeners('disconnect');
    await server.close();
    process.disconnect?.();
  }
};
