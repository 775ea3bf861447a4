import { type FaultAt, readFaults } from './fault-list.ts';

/**
 * What goes wrong with one call of RDS or Step Functions: not done and refused as throttled; not done, the connection closed; done, the
 * connection closed; done after a while; refused since a quota is used up.
 */
export type ServiceFault = 'refused' | 'request-lost' | 'reply-lost' | 'slow' | 'quota';
export const serviceFaults = [
  'refused',
  'request-lost',
  'reply-lost',
  'slow',
  'quota',
] as const satisfies readonly ServiceFault[];

/** How long a slow call is held back. */
export const slowCallMs = 1_000;

/** Decides about each call by its operation; a promise holds it back. */
export type ServiceFaults = (operation: string) => ServiceFault | undefined | Promise<ServiceFault | undefined>;

/** A schedule as the decision that `startRds` and `startStepFunctions` take. @throws LockkeeperError `UsageInvalid` for an unknown word */
export const scheduledFaults = (
  faults: readonly FaultAt<string, ServiceFault>[],
  operations: readonly string[],
): ServiceFaults => readFaults(faults, { operations, kinds: serviceFaults });
