import type { DataApiRequest, Disturbance, Fault } from '../../lib/local/data-api/index.ts';
import { databaseError } from '../../lib/local/data-api/service-error.ts';
import type { RdsFaults } from '../../lib/local/rds/index.ts';
import type { StatesFault } from '../../lib/local/step-functions/index.ts';
import type { Runner } from './runner.ts';
import type { DataKind, FaultAt, Service } from './schedule.ts';
import { brief } from './telling.ts';
import type { World } from './world.ts';

const passedByStandIn: ReadonlySet<string> = new Set([
  'request-lost',
  'reply-lost',
  'reply-cut',
  'failed-before',
  'failed-after',
  'unavailable',
  'writer-missing',
  'throttled',
  'resuming',
  'timed-out-cancelled',
  'timed-out-running',
  'backend-killed',
]);
/** Seconds that a longer fault lasts, as its caller sees time. */
const lasting: Readonly<Record<string, { readonly seconds: number; readonly fault: Fault }>> = {
  paused: { seconds: 60, fault: 'resuming' },
  'writer-absent': { seconds: 30, fault: 'writer-missing' },
  failover: { seconds: 20, fault: 'writer-missing' },
};
/** What the Data API answers for PostgreSQL's refusal of a connection; nothing ran. */
const refusals: Readonly<Record<string, string>> = {
  'secret-rotated': 'FATAL: password authentication failed for user "lockkeeper"; SQLState: 28P01',
  'connections-taken': 'FATAL: sorry, too many clients already; SQLState: 53300',
};

/** The Data API's error for a connection that PostgreSQL refuses. */
export const refusedConnection = (kind: string): Error => databaseError(refusals[kind]!);

/** Does to one runner's calls what its plan says. */
export class Disturber {
  readonly counts: Record<Service, number> = { data: 0, rds: 0, states: 0, lambda: 0, task: 0 };
  /** Each Data API call so far: what it was. */
  readonly calls: string[] = [];
  /** Called at each Data API call, before anything else; may hold it. */
  hold: ((call: number) => Promise<boolean>) | undefined;
  /** Whether the Task that settles a failure was broken. */
  mute = false;
  readonly #world: World;
  #name: string;
  #faults: readonly FaultAt[];
  readonly #runner: () => Runner;
  #lasts: { until: number; fault: Fault } = { until: 0, fault: 'resuming' };
  /** Of the Task that runs: aborted when it is given up. */
  #waiting: AbortSignal | undefined;
  #broken: { state: string; kind: string } | undefined;
  #onCall: ((call: number) => void)[] = [];

  constructor(world: World, name: string, faults: readonly FaultAt[], runner: () => Runner) {
    this.#world = world;
    this.#name = name;
    this.#faults = faults;
    this.#runner = runner;
  }

  #at(service: Service): string | undefined {
    const call = (this.counts[service] += 1);
    const found = this.#faults.find((fault) => fault.service === service && fault.call === call);
    if (found) this.#world.trace(this.#name, `!! ${found.kind} at call ${call} of ${service}`);
    return found?.kind;
  }

  /** Resolves when the runner makes that call. */
  reached(call: number): Promise<void> {
    if (this.counts.data >= call) return Promise.resolve();
    return new Promise((resolve) => this.#onCall.push((now) => now >= call && resolve()));
  }

  async onRequest({ sql }: DataApiRequest): Promise<Disturbance | 'pass'> {
    const world = this.#world;
    const invocation = this.#runner().lambdas.sending.shift();
    const kind = this.#at('data') as DataKind | undefined;
    const call = this.counts.data;
    this.calls.push(`${invocation?.action ?? '?'} ${brief(sql)}`);
    world.trace(this.#name, `   call ${call}: ${this.calls.at(-1)}`);
    for (const tell of this.#onCall) tell(call);
    if (this.hold && (await this.hold(call)) && invocation) invocation.stray = true;
    if (kind === undefined && world.clock.now() < this.#lasts.until) return { fault: this.#lasts.fault };
    if (kind === 'slow') {
      if (invocation) invocation.stray = true;
      await world.clock.aside(world.clock.sleep(220_000));
      world.trace(this.#name, `   call ${call} goes on`);
    }
    if (invocation?.stray !== true)
      await world.checkAlone(sql, this.#runner().arn(), `${this.#name}, before call ${call}`);
    if (kind === undefined || kind === 'slow') return 'pass';
    if (passedByStandIn.has(kind)) {
      if (kind === 'timed-out-running') await world.holdups.holdStatement(sql, this.reached(call + 8));
      if (kind === 'backend-killed' && /CONCURRENTLY/.test(sql))
        await world.holdups.holdStatement(sql, this.reached(call + 8));
      return { fault: kind as Fault };
    }
    switch (kind) {
      case 'paused':
      case 'writer-absent':
        this.#last(kind);
        return { fault: this.#lasts.fault };
      case 'failover':
        this.#last(kind);
        await world.endSessions();
        return { fault: 'backend-killed' };
      case 'secret-rotated':
      case 'connections-taken':
        throw refusedConnection(kind);
      case 'cut-running':
        await world.holdups.holdStatement(sql, this.reached(call + 8));
        return { fault: 'request-late' };
      case 'late-soon':
        return { fault: 'request-late', late: world.late(this.reached(call + 2)) };
      case 'late-resend':
        return { fault: 'request-late', late: world.late(this.reached(call + 6)) };
      case 'late-end':
        return { fault: 'request-late', late: world.late(world.ended) };
      case 'lambda-killed-before':
        invocation?.kill();
        return { fault: 'request-lost' };
      case 'lambda-killed-during':
        await world.holdups.holdStatement(sql, this.reached(call + 8));
        invocation?.kill();
        return 'pass';
      case 'lambda-killed-after':
        if (invocation) invocation.doomed = true;
        return 'pass';
      case 'execution-aborted':
      case 'redriven':
        void this.#runner().stop();
        return 'pass';
      case 'execution-aborted-late':
        void this.#runner().stop();
        return { fault: 'request-late', late: world.late(world.ended) };
      case 'execution-aborted-running':
        await world.holdups.holdStatement(sql, new Promise((resolve) => setTimeout(resolve, 60)));
        this.#stopSoon();
        return 'pass';
      case 'execution-aborted-waiting':
        await world.holdups.holdUntilAwaited(sql, this.#runner().arn());
        this.#stopSoon();
        return 'pass';
      case 'lock-held':
        await world.holdups.holdLock(sql, this.reached(call + 1));
        return 'pass';
      case 'long-transaction':
        await world.holdups.holdSnapshot(this.reached(call + 3));
        return 'pass';
      case 'execution-timed-out':
        world.clock.jump(8 * 24 * 3_600_000);
        return 'pass';
      case 'crash-backend':
      case 'crash-server': {
        const crashed = world.crash(kind, (world.options.schedule.seed * 7919) % 61);
        await world.holdups.holdStatement(sql, crashed);
        return 'pass';
      }
      case 'started-twice':
        world.startAgain();
        return 'pass';
      default:
        throw new Error(`nothing is done for the fault ${kind}`);
    }
  }

  /** Aborts the execution that is under way now; one that ended meanwhile stays what it is, and so does the next. */
  #stopSoon(): void {
    const runner = this.#runner();
    const arn = runner.arn();
    setTimeout(() => void runner.stop(arn), 15);
  }

  #rdsKind: string | undefined;
  /** Snapshots get the tags of somebody else. */
  #forges = false;
  readonly rdsFaults: RdsFaults = {
    answer: async (action) => {
      this.#rdsKind = this.#at('rds');
      this.#world.trace(this.#name, `   rds ${action}`);
      if (this.#rdsKind === 'foreign') this.#forges = true;
      switch (this.#rdsKind) {
        case 'refused':
          return {
            code: 'InvalidDBClusterStateFault',
            status: 400,
            message: 'DBCluster is not in the available state: backing-up',
          };
        case 'throttled':
          return { code: 'Throttling', status: 400, message: 'Rate exceeded' };
        case 'quota':
          return {
            code: 'SnapshotQuotaExceeded',
            status: 400,
            message: 'Cannot create more than 100 manual snapshots',
          };
        case 'slow-reply':
          // whoever gives the call up leaves time to others: it is held no longer than it is waited for
          await this.#world.clock.aside(this.#world.clock.sleep(300_000, this.#waiting).catch(() => undefined));
          return undefined;
        case 'forgotten':
          // only who looks for a snapshot can be told that there is none
          if (action !== 'DescribeDBClusterSnapshots') return undefined;
          return { code: 'DBClusterSnapshotNotFoundFault', status: 404, message: 'DBClusterSnapshot not found' };
        default:
          return undefined;
      }
    },
    replyLost: () => this.#rdsKind === 'reply-lost',
    copying: async (identifier) => {
      if (this.#forges) this.#world.checker.forgeTags(identifier);
      if (this.#rdsKind === 'copy-failed') throw new Error('the copy failed by the schedule');
    },
  };

  async onStatesCall(operation: string): Promise<StatesFault | undefined> {
    this.#world.trace(this.#name, `   states ${operation}`);
    const kind = this.#at('states');
    if (kind === 'quota') return 'refused';
    if (kind !== 'slow') return kind as StatesFault | undefined;
    await this.#world.clock.aside(this.#world.clock.sleep(300_000));
    return undefined;
  }

  /** What becomes of a Task: `error`, `timeout` and `malformed`, or nothing. */
  onTask(state: string, waiting: AbortSignal): string | undefined {
    this.#waiting = waiting;
    const kind = this.#at('task');
    if (kind?.endsWith('-always')) this.#broken = { state, kind: kind.slice(0, -'-always'.length) };
    const fault = this.#broken?.state === state ? this.#broken.kind : kind;
    this.mute ||= fault !== undefined && state === 'Settle the failure';
    return fault;
  }

  #last(kind: string): void {
    const { seconds, fault } = lasting[kind]!;
    this.#lasts = { until: this.#world.clock.now() + seconds * 1000, fault };
  }

  /** Disturbs no more; from here on the runner goes by another name. */
  calm(name: string): void {
    this.#name = name;
    this.#faults = [];
    this.#lasts = { until: 0, fault: 'resuming' };
    this.#broken = undefined;
    this.#forges = false;
    this.hold = undefined;
  }

  onInvoke(action: string): 'pass' | 'twice' | 'reply-lost' | 'throttled' {
    const kind = this.#at('lambda');
    if (kind !== undefined) this.#world.trace(this.#name, `   for ${action}`);
    return kind === 'invoked-twice' ? 'twice' : kind === 'reply-lost' || kind === 'throttled' ? kind : 'pass';
  }
}
