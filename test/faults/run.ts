import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants, type MutantResult, tryMutant } from './mutants.ts';
import type { Part } from './schedule.ts';
import { type Baseline, scheduleOf, seedOf, sizes } from './schedules.ts';
import { startFaultServer } from './server.ts';
import { makeTemplates, measureBaseline, play, playSeeds } from './suite.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    seed: { type: 'string' },
    /** Only these parts, `single,pairs`; `mutants` among them. */
    only: { type: 'string' },
    /** Every n-th schedule only: for the commit gate. */
    sample: { type: 'string', default: '1' },
    /** Of a child: which share of how many. */
    share: { type: 'string' },
    /** Where a full run keeps what it has played, to go on from. */
    progress: { type: 'string', default: join(tmpdir(), 'lockkeeper-faults-progress.jsonl') },
    fresh: { type: 'boolean', default: false },
  },
});

type Report =
  | { readonly seed: number; readonly part: Part; readonly violations: readonly string[] }
  | { readonly mutant: MutantResult }
  | { readonly failed: string };

const partsOf = (only: string | undefined): ReadonlySet<string> | null =>
  only === undefined ? null : new Set(only.split(','));

/** The seeds of a run: all singles and a sample of the rest, or all there is. The prime strides spread a sample over the grid. */
const seedsOf = (baseline: Baseline, full: boolean): number[] => {
  const size = sizes(baseline);
  const upTo = (part: Part, count: number, stride = 1): number[] =>
    Array.from({ length: count }, (_, n) => seedOf(part, n * stride)).filter(
      (seed) => size[part] === null || seed - seedOf(part, 0) < size[part],
    );
  const whole = (part: Part): number[] => upTo(part, size[part] ?? 0);
  return full
    ? [
        ...whole('single'),
        ...whole('wrong'),
        ...upTo('pairs', 2_000),
        ...whole('runners'),
        ...upTo('random', 10_000),
        ...upTo('crashes', 100),
      ]
    : [
        ...whole('single'),
        ...upTo('wrong', 20, 3),
        ...upTo('pairs', 40),
        ...upTo('runners', 30, 31),
        ...upTo('random', 40),
        ...upTo('crashes', 8),
      ];
};

const replay = async (seed: number): Promise<void> => {
  const server = await startFaultServer();
  try {
    const templates = await makeTemplates(server, 'base');
    const schedule = scheduleOf(seed, await measureBaseline(server, templates));
    console.log(`${JSON.stringify(schedule, null, 2)}\n`);
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

const tell = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);

/** A child: plays its share and tells each result in a line. */
const playShare = async (share: string): Promise<void> => {
  const [mine = 0, all = 1] = share.split('/').map(Number);
  const only = partsOf(values.only);
  const done = new Set(
    values.full && existsSync(values.progress)
      ? readFileSync(values.progress, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as { seed?: number }).seed)
      : [],
  );
  const server = await startFaultServer();
  try {
    const templates = await makeTemplates(server, 'base');
    const baseline = await measureBaseline(server, templates);
    const seeds = seedsOf(baseline, values.full)
      .filter((_, at) => at % Number(values.sample) === 0)
      .filter((seed, at) => at % all === mine && !done.has(seed))
      .filter((seed) => only === null || only.has(scheduleOf(seed, baseline).part));
    const crashes = seeds.filter((seed) => scheduleOf(seed, baseline).part === 'crashes');
    const together = seeds.filter((seed) => !crashes.includes(seed));
    for (const group of [together, crashes])
      await playSeeds(server, templates, baseline, group, ({ schedule: { seed, part }, outcome }) =>
        tell({
          seed,
          part,
          violations: outcome.violations.map(({ invariant, what, when }) => `${invariant} ${what} [${when}]`),
        }),
      );
    if (only === null || only.has('mutants'))
      for (const [at, mutant] of mutants.entries())
        if (at % all === mine) tell({ mutant: await tryMutant(server, mutant, `mutant_${at}`) });
  } catch (error) {
    tell({ failed: String((error as Error).stack) });
  } finally {
    await server.close();
  }
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const shares = 2;

const everything = async (): Promise<void> => {
  if (values.fresh) rmSync(values.progress, { force: true });
  const schedules = { single: 0, pairs: 0, runners: 0, random: 0, crashes: 0 };
  const failures: number[] = [];
  const results: MutantResult[] = [];
  let violations = 0;
  let played = 0;
  const take = (report: Report): void => {
    if ('failed' in report) {
      violations += 1;
      return say(report.failed);
    }
    if ('mutant' in report) {
      results.push(report.mutant);
      const { rule, killedBy, what, tried } = report.mutant;
      return say(
        killedBy === null
          ? `LIVES   ${rule} (${tried} schedules)`
          : `killed by ${killedBy.padEnd(3)} ${rule}: ${what.slice(0, 120)}`,
      );
    }
    const { seed, part, violations: broken } = report;
    // a wrong migration is one fault more of a single run
    schedules[part === 'wrong' ? 'single' : part] += 1;
    played += 1;
    if (played % 200 === 0) say(`${played} schedules played, ${failures.length} failed`);
    if (broken.length === 0) return;
    violations += broken.length;
    failures.push(seed);
    say(`seed ${seed} (${part}): ${broken.join(' · ')}`);
  };
  if (values.full && existsSync(values.progress))
    for (const line of readFileSync(values.progress, 'utf8').split('\n').filter(Boolean))
      take(JSON.parse(line) as Report);
  await Promise.all(
    Array.from({ length: shares }, async (_, mine) => {
      const flags = [
        ...(values.full ? ['--full'] : []),
        ...(values.only === undefined ? [] : ['--only', values.only]),
        '--sample',
        values.sample,
        '--progress',
        values.progress,
      ];
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(import.meta.url), '--share', `${mine}/${shares}`, ...flags],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, NODE_NO_WARNINGS: '1' },
        },
      );
      const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
      for await (const line of createInterface({ input: child.stdout })) {
        const report = JSON.parse(line) as Report;
        if (values.full && 'seed' in report) appendFileSync(values.progress, `${line}\n`);
        take(report);
      }
      const status = await exited;
      if (status !== 0) take({ failed: `share ${mine} ended with ${status}` });
    }),
  );
  const killed = results.filter(({ killedBy }) => killedBy !== null).length;
  const sum = {
    schedules,
    violations,
    failures: failures.toSorted((a, b) => a - b),
    mutants: { tried: results.length, killed },
  };
  console.log(values.json ? JSON.stringify(sum) : JSON.stringify(sum, null, 2));
  process.exitCode = violations === 0 && killed === results.length ? 0 : 1;
};

if (values.seed !== undefined) await replay(Number(values.seed));
else if (values.share !== undefined) await playShare(values.share);
else await everything();
