import { LockkeeperError } from '../errors/index.ts';
import type { Lease } from '../ledger/standing.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import type { Ports } from './ports.ts';
import { rollbackGoal } from './requested.ts';

const leasePauseSeconds = 10;

/**
 * Takes the lease. Whether a holder still lives is asked of Step Functions, not of a clock: one that ended is taken over at once,
 * one that runs is waited for until `leaseWaitSeconds` are gone. What a run that ended meanwhile left behind is held against the plan: for Rollback
 * here, by the ledger, since what it reverts is settled with the lease; for Migrate by `next`, which reads what is pending.
 * @throws LockkeeperError `LeaseHeld` with the holder's ARN · `PlanChanged` · `RunEnded`
 */
export const acquire = async (ports: Ports, input: ActionInput<'acquire'>): Promise<ActionOutput<'acquire'>> => {
  const { ledger, executions, manifest, telemetry } = ports;
  const request = {
    run: input.run,
    direction: input.direction,
    begun: { manifest: manifest.root, digest: input.digest, target: input.target },
    ...(input.direction === 'down' ? { goal: rollbackGoal(input.input), planned: input.planned } : {}),
  };
  const first = await ledger.acquire(request);
  if (first.taken) return begun(ports, input, first.token);
  const { holder, token } = first.lease;
  if (holder !== null && (await executions.isRunning(holder))) return wait(ports, input, first.lease);
  telemetry.info('taking over the lease of an execution that runs no more', { holder });
  const second = await ledger.acquire({ ...request, expectedToken: token });
  return second.taken ? begun(ports, input, second.token) : wait(ports, input, second.lease);
};

const begun = (
  { telemetry }: Ports,
  { direction, run }: ActionInput<'acquire'>,
  token: number,
): ActionOutput<'acquire'> => {
  telemetry.info('run begun', { run, direction, token });
  telemetry.measure('RunsStarted', 1);
  return { taken: true, token };
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
