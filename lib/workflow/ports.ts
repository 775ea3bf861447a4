import type { Database } from '../ledger/database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Manifest } from '../migration/manifest.ts';
import type { Telemetry } from './telemetry.ts';

/** Whether the execution that holds a lease still runs. */
export interface Executions {
  /** False for an execution that ended or that nobody knows. @throws LockkeeperError `Throttled`, `AccessDenied`, `DatabaseUnavailable` when it cannot be told. */
  isRunning(executionArn: string): Promise<boolean>;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** What the actions work with; `lambdas/wiring.ts` builds it. */
export interface Ports {
  readonly manifest: Manifest;
  readonly ledger: Ledger;
  /** The same database without the ledger's words, for `doctor`. */
  readonly database: Database;
  readonly executions: Executions;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** How long after its intent a call of a run that has ended may still arrive, in milliseconds: a function lives on when its execution is stopped. */
  readonly lateCallMs: number;
  /** Name of the service, part of its snapshots' names and tags; lower case letters, digits and hyphens. */
  readonly service: string;
}
