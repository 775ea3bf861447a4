import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Direction } from './line.ts';

/** Two state machines and the Step Functions that runs them: a deployed stack's, or the laptop's own. */
export interface Target {
  readonly place: 'laptop' | 'stack';
  readonly client: SFNClient;
  readonly arns: Readonly<Record<Direction, string>>;
  readonly pollMs: number;
  /** Tries in a row that may fail while a run is followed. */
  readonly patience: number;
  /** Ends what was started for it: clients, and on the laptop the servers. */
  close(): Promise<void>;
}

/** What the state machines of a stack are named. */
export const machineNames = (stack: string): Readonly<Record<Direction, string>> => ({
  up: `${stack}-Migrate`,
  down: `${stack}-Rollback`,
});
