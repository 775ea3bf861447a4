import { type Fault, faults as standInFaults } from '../../lib/local/data-api/index.ts';
import type { ChangelogName } from './reference.ts';

/** What can be done to a call of the Data API: what its stand-in does, and what happens around the call. */
const dataKinds = [
  ...standInFaults.filter((kind) => kind !== 'request-late'),
  /** The client loses the call; it is carried out two calls later. */
  'late-soon',
  /** … or after the run has ended. */
  'late-end',
  /** The client loses the call at once; it is carried out all the same, and runs on. */
  'cut-running',
  /** Three calls in a row find the cluster waking. */
  'paused',
  /** Three calls in a row find no writer. */
  'writer-absent',
  /** Every session dies with this call, and for two calls more there is no writer. */
  'failover',
  'lambda-killed-before',
  /** The statement goes on without it. */
  'lambda-killed-during',
  'lambda-killed-after',
  /** The call is held until the Task that waits for it has timed out and was tried again. */
  'slow',
  'execution-aborted',
  /** … and the call is carried out after the finisher is through. */
  'execution-aborted-late',
  /** … while the call's statement runs on and takes no cancellation. */
  'execution-aborted-running',
  'execution-timed-out',
  'started-twice',
  /** In the midst of a call that takes long, its sessions end or the whole server crashes and recovers. */
  'crash-backend',
  'crash-server',
] as const;

const kindsOf = {
  data: dataKinds,
  rds: ['refused', 'throttled', 'quota', 'reply-lost', 'slow', 'copy-failed', 'forgotten'],
  states: ['refused', 'request-lost', 'reply-lost'],
  lambda: ['invoked-twice', 'reply-lost', 'throttled'],
} as const;

export type Service = keyof typeof kindsOf;
export type DataKind = (typeof dataKinds)[number];
export type StandInFault = Fault;

/** One fault: what happens to the `call`-th call that a runner makes to a service, from 1. */
export interface FaultAt {
  readonly service: Service;
  readonly call: number;
  readonly kind: string;
}

export interface RunnerPlan {
  readonly machine: 'Migrate' | 'Rollback';
  readonly input: Readonly<Record<string, string | number>>;
  readonly faults: readonly FaultAt[];
  /** Starts when the first runner makes this call; at once when absent. */
  readonly startsAtCall?: number;
}

/** The first runner waits before `before` until the second has made `until` calls or has ended. */
export interface Interleaving {
  readonly before: number;
  readonly until: number;
  /** Whether the first one's execution is aborted while it waits. */
  readonly aborted: boolean;
}

export type Start = 'empty' | 'installed' | 'migrated';
export type Part = 'single' | 'pairs' | 'runners' | 'random' | 'crashes' | 'wrong';

/** All that happens in one case. Replayed from its seed. */
export interface Schedule {
  readonly seed: number;
  readonly part: Part;
  readonly start: Start;
  readonly changelog: ChangelogName;
  readonly runners: readonly RunnerPlan[];
  readonly interleaving?: Interleaving;
}

export const faultKinds = (service: Service): readonly string[] => kindsOf[service];

const failing: ReadonlySet<string> = new Set([
  'data execution-aborted',
  'data execution-aborted-late',
  'data execution-aborted-running',
  'data execution-timed-out',
  'rds quota',
  'rds copy-failed',
]);

/** Whether a run has to survive the fault (I8). */
export const isPassing = ({ service, kind }: FaultAt): boolean => !failing.has(`${service} ${kind}`);

/** Holds afterwards: every fault is one that can be made. @throws Error that names the unknown call or kind */
export const checkSchedule = ({ runners }: Schedule): void => {
  for (const { faults } of runners) {
    for (const { service, kind, call } of faults) {
      if (!Object.hasOwn(kindsOf, service)) throw new Error(`the schedule names an unknown service: ${service}`);
      if (!faultKinds(service).includes(kind))
        throw new Error(`the schedule names an unknown fault of ${service}: ${kind}`);
      if (!Number.isInteger(call) || call < 1)
        throw new Error(`the schedule names call ${call} of ${service}, expected one from 1`);
    }
  }
};
