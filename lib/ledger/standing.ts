import type { Json } from '../errors/index.ts';
import type { Loss } from '../migration/manifest.ts';

/** `applying` and `reverting` are migrations outside a transaction on their way. */
export type EntryState = 'applied' | 'applying' | 'reverting' | 'reverted';

export interface Lease {
  /** Ever-growing number; a write with an older one is refused. */
  readonly token: number;
  /** ARN of the execution that holds it; null when it is free. */
  readonly holder: string | null;
  /** ISO 8601, UTC. */
  readonly since: string | null;
}

export interface SnapshotRecord {
  readonly identifier: string;
  readonly arn: string;
  /** ISO 8601, UTC: when RDS began it. */
  readonly startedAt: string;
  /** For `snapshotScope: step`: the version it was taken before; null for the run's one. */
  readonly version: string | null;
}

/** What one migration of the changelog asks the ledger about. */
export interface KnownMigration {
  readonly version: string;
  readonly checksum: string;
}

/** A ledger row that is not simply "known, applied, same checksum"; or `absent`: known, without a row. */
export interface Difference {
  readonly version: string;
  readonly state: EntryState | 'absent';
  /** 0 when absent. */
  readonly revision: number;
  /** Checksum and name of the row; null when absent or reverted, and beyond the first 500 others. */
  readonly checksum: string | null;
  readonly name: string | null;
  /** For `applying`/`reverting`: how many statements are done. */
  readonly statementsDone: number;
}

/** Where the ledger stands against a changelog: one read. */
export interface Standing {
  readonly lease: Lease;
  readonly appliedCount: number;
  readonly lastApplied: string | null;
  /** Whether the run asked about has begun and ended before. */
  readonly runEnded: boolean;
  /** Whether sessions begin read only, so that nothing can run outside a transaction. */
  readonly readOnly: boolean;
  readonly differences: readonly Difference[];
  /** Snapshots that the run asked about has recorded. */
  readonly snapshots: readonly SnapshotRecord[];
}

/** Which applied migrations a rollback is about. `run: null` means the newest Migrate run that applied something. */
export type RollbackGoal =
  | { readonly kind: 'run'; readonly run: string | null }
  | { readonly kind: 'to'; readonly version: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'steps'; readonly steps: number }
  /** What the named rollback run set out to revert when it began (its `begun` event). */
  | { readonly kind: 'begun'; readonly run: string };

export interface AppliedEntry {
  readonly version: string;
  readonly name: string;
  readonly revision: number;
  readonly state: EntryState;
  /** Execution ARN of the run that applied it. */
  readonly run: string;
  readonly appliedAt: string;
  readonly irreversible: string | null;
  readonly down: {
    readonly transactional: boolean;
    readonly loss: Loss;
    readonly statements: number;
    readonly bytes: number;
  } | null;
  /** The loss of the up, and the snapshot that has what it destroyed. */
  readonly upLoss: Loss;
  readonly snapshot: string | null;
  readonly statementsDone: number;
}

/** What a rollback's plan showed, as the ledger needs it to tell whether there is more by now. */
export interface PlannedRollback {
  /** Of the lease, when the plan was made. */
  readonly token: number;
  readonly lowest: string;
  readonly digest: string;
}

/** What a rollback would revert: one read. */
export interface RollbackStanding {
  readonly lease: Lease;
  /** The Migrate run it is about, for `kind: run`; null when no run has applied anything. */
  readonly run: string | null;
  /** Whether `version` of a `to` goal is an applied entry; true for other goals. */
  readonly targetFound: boolean;
  /** Whether the run asked about has begun and ended before. */
  readonly runEnded: boolean;
  readonly readOnly: boolean;
  readonly total: number;
  /** Of all `total` entries; null when there is none. */
  readonly lowest: string | null;
  /** How many downs destroy something. */
  readonly destructiveCount: number;
  readonly irreversibleCount: number;
  /** The newest without a way back by script, with its documented steps. */
  readonly firstIrreversible: { readonly version: string; readonly name: string; readonly steps: string | null } | null;
  /** Applied count and last version in the whole ledger. */
  readonly appliedCount: number;
  readonly lastApplied: string | null;
  /** SHA-256 over version and revision of all `total` entries, newest first. */
  readonly digest: string;
  /** Newest first, at most 500. */
  readonly entries: readonly AppliedEntry[];
  readonly snapshots: readonly SnapshotRecord[];
}

export type AcquireResult =
  { readonly taken: true; readonly token: number } | { readonly taken: false; readonly lease: Lease };

/** Where and why a statement was refused by PostgreSQL. Never DETAIL or CONTEXT: they hold row values. */
export interface StatementFailure {
  readonly version: string;
  /** Index in the section (or among the verify queries), from 0. */
  readonly statement: number;
  readonly phase: 'run' | 'constraints' | 'verify' | 'complete' | 'commit';
  readonly sqlstate: string;
  readonly message: string;
  readonly hint: string | null;
  readonly schema: string | null;
  readonly table: string | null;
  readonly column: string | null;
  readonly constraint: string | null;
}

/**
 * The reply of `apply` and `revert`. `stop` null: all done; `budget`: call again; `busy`: a lock was not had in time, nothing of `last+1` remains;
 * `lease`: the token is not the lease's; `checksum`/`stale`: the row is not what the caller believes; `failed`: see `failure`, which for `busy`
 * holds the statement that waited, or null when it was the claim.
 */
export interface BatchResult {
  readonly applied: number;
  readonly already: number;
  readonly last: string | null;
  readonly rows: number;
  readonly stop: 'budget' | 'busy' | 'lease' | 'checksum' | 'stale' | 'failed' | null;
  /** The version at which it stopped; for `budget` the next one. */
  readonly at: string | null;
  readonly failure: StatementFailure | null;
}

/** What a run did, from its events: one call of `endRun`. */
export interface RunSummary {
  readonly run: string;
  readonly applied: number;
  readonly reverted: number;
  readonly rows: number;
  readonly first: string | null;
  readonly last: string | null;
  /** Applied count and last version in the whole ledger afterwards. */
  readonly appliedCount: number;
  readonly lastApplied: string | null;
  readonly snapshots: readonly SnapshotRecord[];
  readonly failure: StatementFailure | null;
  /** A migration that is half-way (outside a transaction): needs the next run, or a person. */
  readonly unfinished: string | null;
}

export interface LedgerEvent {
  readonly id: number;
  readonly at: string;
  readonly kind: EventKind;
  readonly run: string | null;
  readonly version: string | null;
  readonly detail: { readonly [key: string]: Json };
}

export type EventKind =
  | 'begun'
  | 'applied'
  | 'reverted'
  | 'failed'
  | 'intent'
  | 'seen'
  | 'statement'
  | 'snapshot'
  | 'taken-over'
  | 'ended'
  | 'installed';
