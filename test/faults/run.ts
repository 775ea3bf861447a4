import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mutants, type MutantResult } from './mutants.ts';
import { type FaultOptions, readOptions } from './options.ts';
import { planOf } from './plan.ts';
import { Progress, progressLine } from './progress.ts';
import { type Baseline, scheduleOf } from './schedules.ts';
import { startFaultServer } from './server.ts';
import { type FromShare, type Job, playShare, type Report, type ToShare } from './share.ts';
import { makeTemplates, measureBaseline, play } from './suite.ts';
import { scheduleText } from './telling.ts';
import { UsageError } from './usage-error.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const replay = async (seed: number): Promise<void> => {
  const server = await startFaultServer();
  try {
    const templates = await makeTemplates(server, 'base');
    const schedule = scheduleOf(seed, await measureBaseline(server, templates));
    console.log(`${scheduleText(schedule)}\n`);
    const { outcome } = await play(server, templates, schedule);
    console.log(outcome.trace.join('\n'));
    for (const { invariant, what, when } of outcome.violations)
      console.log(`\n${invariant} is broken, found ${when}:\n  ${what}`);
    if (outcome.violations.length === 0) console.log('\nno invariant is broken');
    process.exitCode = outcome.violations.length === 0 ? 0 : 1;
  } finally {
    await server.close();
  }
};

/** What all shares found, as it is told at the end. */
class Tally {
  readonly schedules = { single: 0, pairs: 0, runners: 0, random: 0, crashes: 0 };
  readonly failures = new Set<number>();
  readonly mutants: MutantResult[] = [];
  readonly done: Record<string, number> = {};
  readonly spentMs: Record<string, number> = {};
  violations = 0;

  take(report: Report): void {
    if ('failed' in report) {
      this.violations += 1;
      return say(report.failed);
    }
    const part = 'mutant' in report ? 'mutants' : report.part;
    this.done[part] = (this.done[part] ?? 0) + 1;
    this.spentMs[part] = (this.spentMs[part] ?? 0) + report.ms;
    if ('mutant' in report) {
      this.mutants.push(report.mutant);
      const { rule, killedBy, what, tried } = report.mutant;
      return say(
        killedBy === null
          ? `LIVES   ${rule} (${tried} schedules) ${what}`
          : `killed by ${killedBy.padEnd(3)} ${rule}: ${what.slice(0, 120)}`,
      );
    }
    // a wrong migration, a broken Task and a Data API without procedures are single faults, too
    this.schedules[report.part in this.schedules ? (report.part as 'pairs') : 'single'] += 1;
    if (report.violations.length === 0) return;
    this.violations += report.violations.length;
    this.failures.add(report.seed);
    say(`seed ${report.seed} (${report.part}): ${report.violations.join(' · ')}`);
  }

  get killed(): number {
    return this.mutants.filter(({ killedBy }) => killedBy !== null).length;
  }
}

const everything = async (options: FaultOptions): Promise<void> => {
  const { full, sample, only } = options;
  const progress = full ? new Progress(options.progress) : null;
  if (options.fresh) progress?.forget();
  const tally = new Tally();
  const earlier = progress?.read() ?? [];
  for (const report of earlier) tally.take(report);
  const seen = new Set(
    earlier.map((report) => ('seed' in report ? report.seed : 'mutant' in report ? report.mutant.rule : '')),
  );
  if (progress) say(`${earlier.length} played before, kept in ${progress.file}`);

  const queues: Record<'together' | 'crashing', Job[]> = { together: [], crashing: [] };
  const totals: Record<string, number> = {};
  let planned: string | null = null;
  let began = performance.now();
  let played = 0;
  const left = (seeds: readonly number[]): Job[] => seeds.filter((seed) => !seen.has(seed)).map((seed) => ({ seed }));
  const plan = (baseline: Baseline): void => {
    if (planned !== null) {
      if (planned !== JSON.stringify(baseline))
        tally.take({ failed: `the processes count calls otherwise: ${planned} and ${JSON.stringify(baseline)}` });
      return;
    }
    planned = JSON.stringify(baseline);
    began = performance.now();
    const { together, crashing } = planOf(baseline, { full, sample, only });
    const rules = only === null || only.has('mutants') ? mutants.map(({ rule }, mutant) => ({ rule, mutant })) : [];
    if (rules.length > 0) totals['mutants'] = rules.length;
    for (const seed of [...together, ...crashing]) {
      const { part } = scheduleOf(seed, baseline);
      totals[part] = (totals[part] ?? 0) + 1;
    }
    if (Object.keys(totals).length === 0) tally.take({ failed: 'nothing is left to play by --only and --sample' });
    queues.together = [
      ...rules.filter(({ rule }) => !seen.has(rule)).map(({ mutant }) => ({ mutant })),
      ...left(together),
    ];
    queues.crashing = left(crashing);
  };
  const tellProgress = setInterval(() => {
    if (planned !== null) say(progressLine(totals, tally.done, { ms: performance.now() - began, played }));
  }, 15_000);

  await Promise.all(
    Array.from({ length: options.processes }, async (_, share) => {
      const child = fork(fileURLToPath(import.meta.url), ['--share'], {
        // schedules make much that is soon forgotten
        execArgv: ['--import', 'tsx', '--max-semi-space-size=64'],
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      });
      child.on('message', (message: FromShare) => {
        if ('ready' in message) plan(message.ready);
        else if ('wants' in message) {
          const { worker, wants } = message;
          child.send({ worker, job: queues[wants].shift() ?? null } satisfies ToShare);
        } else {
          played += 1;
          if (!('failed' in message.report)) progress?.add(message.report);
          tally.take(message.report);
        }
      });
      const status = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
      if (status !== 0) tally.take({ failed: `process ${share} of the suite ended with ${String(status)}` });
    }),
  );
  clearInterval(tellProgress);
  for (const [part, ms] of Object.entries(tally.spentMs))
    say(`${part}: ${tally.done[part]} in ${Math.round(ms / tally.done[part]!)} ms each`);
  const sum = {
    schedules: tally.schedules,
    violations: tally.violations,
    failures: [...tally.failures].toSorted((a, b) => a - b),
    mutants: { tried: tally.mutants.length, killed: tally.killed },
  };
  console.log(options.json ? JSON.stringify(sum) : JSON.stringify(sum, null, 2));
  process.exitCode = tally.violations === 0 && tally.killed === tally.mutants.length ? 0 : 1;
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options.seed !== null) await replay(options.seed);
  else if (options.share) await playShare();
  else await everything(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(error.message);
  process.exitCode = UsageError.exitCode;
}
