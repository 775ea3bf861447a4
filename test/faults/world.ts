import { join } from 'node:path';
import { mkdirSync, rmSync } from 'node:fs';
import type { Manifest } from '../../lib/migration/manifest.ts';
import { Checker, type RunVerdict, type Violation } from './checker.ts';
import { FaultClock } from './fault-clock.ts';
import { Holdups } from './holdups.ts';
import type { Tamper } from './lambdas.ts';
import { changelogs, phaseOf, versions } from './reference.ts';
import { openRunner, type Runner } from './runner.ts';
import { isPassing, type RunnerPlan, type Schedule } from './schedule.ts';
import type { FaultServer } from './server.ts';

/** One rule taken out, for a world. */
export interface Mutation {
  readonly tamper?: Tamper;
  readonly maxAttempts?: number;
  readonly manifest?: (manifest: Manifest) => Manifest;
  /** Text of the state machines' definitions. */
  readonly definition?: (text: string) => string;
}

export interface WorldOptions {
  readonly server: FaultServer;
  /** Name of the template for each start. */
  readonly template: string;
  readonly schedule: Schedule;
  readonly mutant?: Mutation;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  /** How many calls the first runner made before the undisturbed run, by service. */
  readonly counts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
  readonly verdicts: readonly RunVerdict[];
}

/** Real time, since a busy machine takes its time over a schedule that is well. */
const stuckAfterMs = 90_000;

const checksumsOf = ({ migrations }: Manifest): Readonly<Record<string, string>> =>
  Object.fromEntries(migrations.map(({ version, checksum }) => [version, checksum]));

const undisturbed = (up: boolean): RunnerPlan =>
  up ? { machine: 'Migrate', input: {}, faults: [] } : { machine: 'Rollback', input: { to: 'none' }, faults: [] };

/** One case: a database of its own, its runners, the clock they share, and the checker beside them. */
export class World {
  readonly options: WorldOptions;
  readonly clock = new FaultClock();
  readonly database: string;
  readonly url: string;
  readonly directory: string;
  readonly manifest: Manifest;
  readonly checker: Checker;
  readonly holdups = new Holdups(this);
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #began = this.clock.now();
  readonly #runners: Runner[] = [];
  readonly #late: Promise<unknown>[] = [];
  readonly #extra: Promise<RunVerdict>[] = [];
  /** When each run last asked who is at work. */
  readonly #lookedAt = new Map<string, Date>();
  #named = 0;

  private constructor(options: WorldOptions, database: string) {
    this.options = options;
    this.database = database;
    this.url = options.server.url(database);
    this.directory = join(options.server.directory, database);
    mkdirSync(this.directory);
    const manifest = changelogs[options.schedule.changelog];
    this.manifest = options.mutant?.manifest?.(manifest) ?? manifest;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.checker = new Checker({
      url: this.url,
      urlOf: (name) => options.server.url(name),
      snapshots: join(this.directory, 'snapshots'),
      checksums: checksumsOf(manifest),
      tell: (line) => this.trace('ledger', line),
    });
  }

  static async open(options: WorldOptions): Promise<World> {
    // whoever is of the suite says otherwise for itself
    const unfit = ["default_transaction_isolation = 'serializable'", 'default_transaction_read_only = on'];
    const defaults = options.schedule.unfitSessions ? unfit : [];
    return new World(options, await options.server.database(options.template, defaults));
  }

  trace(who: string, text: string): void {
    this.lines.push(
      `${String(Math.round((this.clock.now() - this.#began) / 1000)).padStart(6)} s  ${who.padEnd(6)} ${text}`,
    );
  }

  /** Runs `work` while nobody of ours is connected. */
  async withDrained<T>(work: () => Promise<T>): Promise<T> {
    const servers = [...this.#runners];
    const nested = async (at: number): Promise<T> => {
      const runner = servers[at];
      if (runner === undefined) {
        return this.checker.suspended(async () => {
          await this.holdups.release();
          return work();
        });
      }
      return runner.dataApi.withDrained('arn:aws:rds:local:000000000000:cluster:lockkeeper-local', this.database, () =>
        nested(at + 1),
      );
    };
    return nested(0);
  }

  /** The world waits for these before it is looked at for the last time. */
  afterwards(...work: readonly Promise<unknown>[]): void {
    this.#late.push(...work);
  }

  late(until: Promise<unknown>): Promise<void> {
    const due = Promise.race([until, this.ended]).then(() => this.trace('world', 'a late call is carried out now'));
    this.#late.push(due);
    return due;
  }

  async endSessions(): Promise<void> {
    await this.options.server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name not in ('checker', 'gate', 'blocker')",
      [this.database],
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Ends the backends of a long call, or the whole server, in its midst. */
  crash(kind: 'crash-backend' | 'crash-server', afterMs: number): Promise<void> {
    const crashed = new Promise((resolve) => setTimeout(resolve, afterMs)).then(() => {
      this.trace('world', kind === 'crash-server' ? 'the server crashes' : 'the sessions are ended');
      return kind === 'crash-server' ? this.options.server.crash(this.database) : this.endSessions();
    });
    this.#late.push(crashed);
    return crashed;
  }

  /**
   * I4: when a statement goes out alone, no other one of ours may be running. What a function of an ended run sent after the run had looked
   * nobody can foresee; that it does no harm is I5's and I6's to say.
   */
  async checkAlone(sql: string, run: string, when: string): Promise<void> {
    if (/pg_stat_activity[^]*starts_with/.test(sql)) this.#lookedAt.set(run, new Date());
    if (!/^\/\* lockkeeper [^*]*\*\/ .*CONCURRENTLY/s.test(sql)) return;
    const { lease: now, events } = await this.checker.look();
    if (now.holder === run) {
      if (!events.some((event) => event.run === run && event.kind === 'intent' && 'statement' in event.detail))
        this.checker.report('I5', `${sql.slice(0, 80)} is sent before its intent is in the ledger`, when);
      if (this.holdups.elder?.told === true)
        this.checker.report('I4', `${sql.slice(0, 80)} is sent while an older transaction is open`, when);
    }
    const { rows } = await this.options.server.query<{ query: string }>(
      `select left(query, 120) as query from pg_stat_activity where datname = $1 and state = 'active' and query ~ '^/[*] lockkeeper .*CONCURRENTLY'
       and (query_start < $2 or query like '/* lockkeeper ' || $3 || ' %')`,
      [this.database, this.#lookedAt.get(run) ?? new Date(), run.split(':').at(-1)],
    );
    if (rows.length === 0) return;
    const { lease } = await this.checker.look();
    if (lease.holder === run)
      this.checker.report('I4', `${sql.slice(0, 80)} is sent while ${rows[0]!.query.slice(0, 80)} runs`, when);
  }

  #name(): string {
    this.#named += 1;
    return `r${this.#named}`;
  }

  startAgain(): void {
    const [first] = this.options.schedule.runners;
    this.#extra.push(this.#start(this.#name(), { ...first!, faults: [] }).then(({ verdict }) => verdict));
  }

  async #start(name: string, plan: RunnerPlan): Promise<{ runner: Runner; verdict: Promise<RunVerdict> }> {
    const runner = await openRunner(this, name, plan);
    this.#runners.push(runner);
    return { runner, verdict: this.#judged(runner, plan) };
  }

  async #judged(runner: Runner, plan: RunnerPlan): Promise<RunVerdict> {
    const verdict = await runner.run();
    const only = this.#runners.length === 1;
    await this.checker.verdict(verdict, { only, whole: Object.keys(plan.input).length === 0 });
    await this.checker.step(`at the end of ${runner.name()}`);
    // an execution that times out takes days of everybody's time with it
    const isOutOfTime = this.options.schedule.runners.some(({ faults }) =>
      faults.some(({ kind }) => kind === 'execution-timed-out'),
    );
    if (plan.faults.length > 0 && plan.faults.every(({ service }) => service === 'task') && !isOutOfTime)
      await this.checker.endedClean(verdict, runner.disturber.mute);
    if (plan.faults.length === 1 && this.options.schedule.runners.length === 1 && this.#extra.length === 0)
      await this.checker.released(verdict);
    const cuts = plan.faults.filter(({ kind }) => kind === 'redriven' || kind.startsWith('execution-'));
    if (
      cuts.length === 1 &&
      cuts[0]!.kind === 'redriven' &&
      !isOutOfTime &&
      !['SUCCEEDED', 'FAILED'].includes(verdict.status)
    )
      this.checker.report('I3', `the redriven run ended ${verdict.status}`, runner.name());
    const passing = plan.faults.every(isPassing) && this.options.schedule.interleaving?.aborted !== true;
    if (passing && ['LeaseLost', 'RunEnded'].includes(verdict.error ?? ''))
      this.checker.report('I11', 'a run that nobody ended lost its lease to another', runner.name());
    const { changelog } = this.options.schedule;
    if (changelog !== 'good') {
      if (passing) await this.checker.failedWell(verdict, versions.deferred, phaseOf[changelog]);
    } else if (passing && only && verdict.status !== 'SUCCEEDED')
      this.checker.report(
        'I8',
        `passing faults failed the run: ${verdict.status} ${verdict.error}: ${verdict.cause.split('\n')[0]}`,
        runner.name(),
      );
    return verdict;
  }

  async play(): Promise<Outcome> {
    const { schedule } = this.options;
    const verdicts: RunVerdict[] = [];
    try {
      await this.checker.begin();
      verdicts.push(...(await this.#disturbed(schedule)));
      if (
        schedule.start === 'migrated' &&
        schedule.runners.every(({ machine, input }) => machine === 'Rollback' && Object.keys(input).length === 0)
      )
        await this.checker.keptOlder();
      const digest = await this.checker.digest();
      await this.lateThrough();
      await this.checker.step('after everything late has come');
      if ((await this.checker.digest()) !== digest)
        this.checker.report(
          'I3',
          'the ledger or the schema changed behind the last verdict',
          'after everything late has come',
        );
      const counts = { ...this.#runners[0]!.disturber.counts };
      this.trace('world', 'an undisturbed run');
      await this.#final(schedule);
      await this.checker.snapshotContents();
      return this.#outcome(verdicts, counts);
    } finally {
      await this.close();
    }
  }

  /** Lets everything that is late come; resolves when it is through. */
  async lateThrough(): Promise<void> {
    this.#end();
    await Promise.allSettled(this.#late);
    await Promise.all(this.#runners.map(({ lambdas }) => within(stuckAfterMs, lambdas.idle())));
    await this.#quiet();
  }

  /** A runner that was opened from outside is closed with the world. */
  adopt(runner: Runner): void {
    this.#runners.push(runner);
  }

  async close(): Promise<void> {
    this.#end();
    for (const runner of this.#runners) await runner.close();
    await this.checker.release();
    await this.holdups.release();
    await this.options.server.drop(this.database, ...this.checker.snapshotNames());
    rmSync(this.directory, { recursive: true, force: true });
  }

  #outcome(verdicts: readonly RunVerdict[], counts: Outcome['counts']): Outcome {
    return {
      violations: this.checker.violations,
      counts,
      trace: this.lines,
      verdicts,
    };
  }

  /** Waits until no statement of ours runs. */
  async #quiet(): Promise<void> {
    for (let look = 0; look < 400; look++) {
      const { rows } = await this.options.server.query(
        "select 1 from pg_stat_activity where datname = $1 and state = 'active' and application_name like 'r%'",
        [this.database],
      );
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #disturbed(schedule: Schedule): Promise<RunVerdict[]> {
    const [firstPlan, ...otherPlans] = schedule.runners;
    const first = await openRunner(this, this.#name(), firstPlan!);
    this.#runners.push(first);
    const others: Promise<RunVerdict>[] = [];
    const { interleaving } = schedule;
    const firstEnded = signal();
    const begin = async (plan: RunnerPlan): Promise<{ runner: Runner; verdict: Promise<RunVerdict> }> =>
      this.#start(this.#name(), plan);
    if (interleaving) {
      first.disturber.hold = async (call) => {
        if (call !== interleaving.before) return false;
        this.trace('r1', `paused before call ${call}${interleaving.aborted ? ', its execution aborted' : ''}`);
        if (interleaving.aborted) await first.stop();
        await this.clock.aside(
          (async () => {
            const { runner, verdict } = await begin(otherPlans[0]!);
            others.push(verdict);
            await Promise.race([runner.disturber.reached(interleaving.until), verdict]);
          })(),
        );
        this.trace('r1', 'woken');
        return true;
      };
    } else {
      for (const plan of otherPlans) {
        others.push(
          (async () => {
            if (plan.startsAtCall !== undefined)
              await Promise.race([first.disturber.reached(plan.startsAtCall), firstEnded.given]);
            return (await begin(plan)).verdict;
          })(),
        );
      }
    }
    const verdicts = [await this.#judged(first, firstPlan!).finally(firstEnded.give)];
    for (let at = 0; at < others.length; at++) verdicts.push(await within(stuckAfterMs, others[at]!));
    for (let at = 0; at < this.#extra.length; at++) verdicts.push(await within(stuckAfterMs, this.#extra[at]!));
    return verdicts;
  }

  async #final({ start, changelog, runners }: Schedule): Promise<void> {
    const up = !(start === 'migrated' && runners.every(({ machine }) => machine === 'Rollback'));
    if (changelog !== 'good') return this.#finalOfWrong();
    // a rollback that was broken off is begun again as a rollback: Migrate refuses to run into it
    if (this.options.schedule.unfitSessions) await this.#mendSessions();
    if (up && (await this.checker.isHalfBack())) await this.#undisturbed(false);
    await this.#undisturbed(up);
  }

  async #mendSessions(): Promise<void> {
    await this.options.server.query(`alter database ${this.database} reset all`);
    await this.endSessions();
  }

  async #undisturbed(up: boolean): Promise<void> {
    // the first runner's stand-ins, with whatever its faults left in their sessions
    const verdict = await within(30_000, this.#runners[0]!.runUndisturbed(this.#name(), undisturbed(up)));
    await this.checker.step('after the undisturbed run');
    await this.checker.converged(verdict, up ? 'up' : 'down');
  }

  async #finalOfWrong(): Promise<void> {
    (this as { manifest: Manifest }).manifest = changelogs.good;
    this.checker.expect(checksumsOf(changelogs.good));
    const runner = await openRunner(this, this.#name(), undisturbed(true));
    this.#runners.push(runner);
    const verdict = await within(30_000, runner.run());
    if (verdict.status !== 'SUCCEEDED')
      this.checker.report(
        'I6',
        `the corrected changelog ended ${verdict.status} ${verdict.error}`,
        'after the undisturbed run',
      );
  }
}

/** Something that happens once. */
const signal = (): { readonly given: Promise<void>; readonly give: () => void } => {
  let resolve: (() => void) | undefined;
  const given = new Promise<void>((settle) => (resolve = settle));
  return { given, give: () => resolve?.() };
};

/** @throws Error when it takes longer */
export const within = <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
