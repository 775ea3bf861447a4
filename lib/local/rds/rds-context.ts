import type { z } from 'zod';
import type { ServiceFaults } from '../service-faults.ts';
import type { RdsClusterSource } from './cluster-source.ts';
import type { LocalClusters } from './local-clusters.ts';
import type { XmlValue } from './query-reply.ts';
import type { SnapshotCopies } from './snapshot-copies.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** Milliseconds since 1970, UTC. */
export interface RdsClock {
  now(): number;
  /** Holds a slow call back; real time when left out. */
  sleep?(ms: number): Promise<void>;
}

interface RdsRefusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** What can be made to go wrong. */
export interface RdsFaults {
  /** Asked first, by the action's name on the wire, `CreateDBClusterSnapshot`. */
  readonly call?: ServiceFaults;
  /** Answered instead of the call; undefined lets it through. */
  readonly answer?: (action: string) => RdsRefusal | undefined | Promise<RdsRefusal | undefined>;
  /** Whether the call is done and its connection closed instead of a reply. */
  readonly replyLost?: (action: string) => boolean;
  /** Awaited before a copy ends; what it throws makes the snapshot, or the cluster, of that name fail. */
  readonly copying?: (identifier: string) => Promise<void>;
  /** The cluster's status instead of the real one, e.g. `stopped`. */
  readonly clusterStatus?: () => string | undefined;
}

/** The least time, by the clock, that each of these shows the status it passes through. */
export interface RdsDelays {
  /** `creating`, `deleting` */
  readonly cluster: number;
  /** `creating`, `deleting` */
  readonly instance: number;
  /** `renaming`, `resetting-master-credentials`, `modifying`; a managed secret's `creating` */
  readonly change: number;
}

/** What the actions work with. */
export interface RdsContext {
  readonly source: RdsClusterSource;
  readonly store: SnapshotStore;
  readonly copies: SnapshotCopies;
  readonly clusters: LocalClusters;
  readonly clock: RdsClock;
  readonly faults: RdsFaults;
  readonly snapshotTakesMs: number;
  readonly takesMs: RdsDelays;
  /** Who copies: this process, and this server in it. */
  readonly owner: { readonly process: string; readonly server: string };
  readonly startedAtEpochMs: number;
}

/** One call of the service: the parameters it takes, and what it does. */
export interface RdsAction<S extends z.ZodType = z.ZodType> {
  readonly parameters: S;
  perform(context: RdsContext, parameters: z.infer<S>): XmlValue | Promise<XmlValue>;
}

/** Lets an action's parameters be typed by their schema. */
export const rdsAction = <S extends z.ZodType>(
  parameters: S,
  perform: (context: RdsContext, parameters: z.infer<S>) => XmlValue | Promise<XmlValue>,
): RdsAction => ({ parameters, perform: (context, given) => perform(context, given as z.infer<S>) });
