import { type Fault, faults as standInFaults } from '../../lib/local/data-api/index.ts';
import { type ChangelogName, changelogNames } from './reference.ts';

/** What can be done to a call of the Data API: what its stand-in does, and what happens around the call. */
const dataKinds = [
  ...standInFaults.filter((kind) => kind !== 'request-late'),
  /** The client loses the call; it is carried out two calls later. */
  'late-soon',
  /** … or six calls later: after the catalogue was looked at, before a statement alone is sent again. */
  'late-resend',
  /** … or after the run has ended. */
  'late-end',
  /** The client loses the call at once; it is carried out all the same, and runs on. */
  'cut-running',
  /** The cluster sleeps: from this call on it is waking, for a minute. */
  'paused',
  /** There is no writer for half a minute. */
  'writer-absent',
  /** Every session dies with this call, and there is no writer for 20 s. */
  'failover',
  /** The password is no longer the one in the secret that the Data API read. */
  'secret-rotated',
  /** All of the cluster's connections are taken. */
  'connections-taken',
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
  /** … while its statement runs, which ends once the finisher waits for it: no further step may come between. */
  'execution-aborted-waiting',
  /** Somebody else holds a lock that migrations need, until our next call. */
  'lock-held',
  /** Somebody else's transaction has been open for a second, and stays for 40 s. */
  'long-transaction',
  'execution-timed-out',
  /** Aborted, and redriven once the finisher is through: the state that was under way is entered again, under the same ARN. */
  'redriven',
  'started-twice',
  /** In the midst of a call that takes long, its sessions end or the whole server crashes and recovers. */
  'crash-backend',
  'crash-server',
] as const;

const kindsOf = {
  data: dataKinds,
  rds: ['refused', 'throttled', 'quota', 'reply-lost', 'slow', 'slow-reply', 'copy-failed', 'forgotten', 'foreign'],
  states: ['refused', 'quota', 'request-lost', 'reply-lost', 'slow'],
  lambda: ['invoked-twice', 'reply-lost', 'throttled'],
  /** A Task of the machine: it fails, it did its work and does not answer, it answers something else; this once, or whenever that state is entered from then on. */
  task: ['error', 'timeout', 'malformed', 'error-always', 'timeout-always', 'malformed-always'],
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
export type Part = 'single' | 'fallback' | 'states' | 'wrong' | 'pairs' | 'runners' | 'random' | 'crashes';
/** What the Data API makes of procedures: as we believe, or in one of the two ways that are worked around. */
export type Procedures = 'commit' | 'no-commit' | 'no-row';
export const procedureWays: readonly Procedures[] = ['commit', 'no-commit', 'no-row'];
export const machines = ['Migrate', 'Rollback'] as const;

/** All that happens in one case. Replayed from its seed. */
export interface Schedule {
  readonly seed: number;
  readonly part: Part;
  readonly start: Start;
  readonly changelog: ChangelogName;
  readonly procedures: Procedures;
  /** Sessions begin with transactions that are SERIALIZABLE, READ ONLY. */
  readonly unfitSessions?: boolean;
  readonly runners: readonly RunnerPlan[];
  readonly interleaving?: Interleaving;
}

/**
 * Most single faults are played with one session in front of the database, and a snapshot keeps the rows of what is destroyed;
 * every 32nd of them and all others with two sessions, and a snapshot that is a whole database.
 */
export const isPlain = ({ seed, part, runners }: Schedule): boolean =>
  part === 'single' &&
  seed % 32 !== 0 &&
  !runners.some(({ faults }) => faults.some(({ service }) => service === 'rds'));

/**
 * Faults of the Data API that nobody behind it can tell apart: the same was done, and the same error is thrown
 * (test/integration/faults-alike.test.ts). The first of each list stands for the others.
 */
export const alike: readonly (readonly string[])[] = [
  ['request-lost', 'failed-before', 'unavailable'],
  ['reply-lost', 'reply-cut', 'failed-after'],
  ['writer-missing', 'connections-taken'],
];

const followers = alike.flatMap(([, ...others]) => others);

/** Whether another single fault at the same call says the same. Every fifth call is played all the same, each kind at others. */
export const isStoodFor = ({ runners }: Schedule): boolean =>
  runners.some(({ faults }) =>
    faults.some(
      ({ service, kind, call }) =>
        service === 'data' && followers.includes(kind) && (call + followers.indexOf(kind)) % 5 !== 0,
    ),
  );

export const faultKinds = (service: Service): readonly string[] => kindsOf[service];

const failing: ReadonlySet<string> = new Set([
  'data execution-aborted',
  'data execution-aborted-late',
  'data execution-aborted-running',
  'data execution-aborted-waiting',
  'data execution-timed-out',
  'data redriven',
  'data secret-rotated',
  'rds quota',
  'rds copy-failed',
  'rds foreign',
  'task error',
  'task malformed',
  'task error-always',
  'task timeout-always',
  'task malformed-always',
]);

/** Whether a run has to survive the fault (I8). */
export const isPassing = ({ service, kind }: FaultAt): boolean => !failing.has(`${service} ${kind}`);

const known = (what: string, word: string, words: readonly string[]): void => {
  if (!words.includes(word))
    throw new Error(`the schedule names an unknown ${what}: ${word}; known are ${words.join(', ')}`);
};

const callFrom1 = (of: string, call: number): void => {
  if (!Number.isInteger(call) || call < 1)
    throw new Error(`the schedule names call ${call} ${of}, expected one from 1`);
};

const services = Object.keys(kindsOf) as readonly Service[];

/** Holds afterwards: every fault is one that can be made. @throws Error that names what is unknown, and what is known */
export const checkSchedule = ({ runners, procedures, changelog, start, interleaving }: Schedule): void => {
  known('start', start, ['empty', 'installed', 'migrated']);
  known('changelog', changelog, changelogNames);
  known('way of procedures', procedures, procedureWays);
  if (interleaving !== undefined) {
    if (runners.length < 2) throw new Error('the schedule lets a runner wait for another, and names only one');
    callFrom1('of the one who waits', interleaving.before);
    callFrom1('of the one waited for', interleaving.until);
  }
  for (const { machine, faults, startsAtCall } of runners) {
    known('machine', machine, machines);
    if (startsAtCall !== undefined) callFrom1('at which a runner begins', startsAtCall);
    for (const { service, kind, call } of faults) {
      known('service', service, services);
      known(`fault of ${service}`, kind, faultKinds(service));
      callFrom1(`of ${service}`, call);
    }
  }
};
