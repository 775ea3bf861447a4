import { LockkeeperError } from '../errors/index.ts';
import type { Lease } from '../ledger/standing.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import type { Ports } from './ports.ts';
import { rollbackGoal } from './requested.ts';

const leasePauseSeconds = 10;

/**
 * Takes the lease. Whether a holder still lives is asked of Step Functions, not of a clock: one that ended is taken over at once,
 * one that runs is waited for until `leaseWaitSeconds` are gone.
 * @throws LockkeeperError `LeaseHeld` with the holder's ARN.
 */
export const acquire = async (ports: Ports, input: ActionInput<'acquire'>): Promise<ActionOutput<'acquire'>> => {
  const { ledger, executions, manifest, telemetry } = ports;
  const request = {
    run: input.run,
    direction: input.direction,
    begun: { manifest: manifest.root, digest: input.digest, target: input.target },
    ...(input.direction === 'down' ? { goal: rollbackGoal(input.input) } : {}),
  };
  const first = await ledger.acquire(request);
  if (first.taken) return begun(ports, input, first.token);
  const { holder, token } = first.lease;
  if (holder !== null && (await executions.isRunning(holder))) return wait(ports, input, first.lease);
  telemetry.info('taking over the lease of an execution that runs no more', { holder });
  const second = await ledger.acquire({ ...request, expectedToken: token });
  return second.taken ? begun(ports, input, second.token) : wait(ports, input, second.lease);
};

const begun = async (ports: Ports, input: ActionInput<'acquire'>, token: number): Promise<ActionOutput<'acquire'>> => {
  const { telemetry } = ports;
  const { direction, run } = input;
  await refuseOtherRollback(ports, input, token);
  telemetry.info('run begun', { run, direction, token });
  telemetry.measure('RunsStarted', 1);
  return { taken: true, token };
};

/**
 * What a rollback reverts is settled when it gets the lease, and a run that ended meanwhile may have changed it: an approval was for the plan before.
 * Migrate needs no such look, since it never does more than what was planned.
 */
const refuseOtherRollback = async (
  { ledger }: Ports,
  { direction, run, input, digest }: ActionInput<'acquire'>,
  token: number,
): Promise<void> => {
  if (direction === 'up' || input.approve === undefined) return;
  const standing = await ledger.readRollback({ kind: 'begun', run }, run);
  if (standing.digest === digest) return;
  await ledger.endRun({ token, run, verdict: 'failed', detail: { code: 'ApprovalNeeded' } });
  throw new LockkeeperError(
    'ApprovalNeeded',
    `another run changed what would be reverted while this one waited; to approve, start again with "approve": "${standing.digest}"`,
  );
};

const wait = (
  { telemetry }: Ports,
  { waitedSeconds, leaseWaitSeconds }: ActionInput<'acquire'>,
  lease: Lease,
): ActionOutput<'acquire'> => {
  const holder = lease.holder ?? 'an execution that is just ending';
  if (waitedSeconds >= leaseWaitSeconds) {
    throw new LockkeeperError(
      'LeaseHeld',
      `another run holds the lease since ${lease.since ?? 'a moment ago'}: ${holder}; waited ${waitedSeconds} s`,
      {
        details: { holder: lease.holder },
      },
    );
  }
  telemetry.measure('LeaseWaits', 1);
  return {
    taken: false,
    holder,
    waitSeconds: Math.max(1, Math.min(leasePauseSeconds, leaseWaitSeconds - waitedSeconds)),
  };
};
