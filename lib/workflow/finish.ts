import type { ActionInput, ActionOutput } from './actions.ts';
import type { Ports } from './ports.ts';

const counted = (count: number, verb: string): string => `${verb} ${count} migration${count === 1 ? '' : 's'}`;

/** Releases the lease under a new token and sums up a run that did what it set out to do. Safe to repeat. */
export const finish = async (
  { ledger, telemetry, clock }: Ports,
  { direction, run, token, startedAt }: ActionInput<'finish'>,
): Promise<ActionOutput<'finish'>> => {
  const durationMs = Math.max(0, clock.now() - Date.parse(startedAt));
  const summary = await ledger.endRun({ token, run, verdict: 'done', detail: { durationMs } });
  telemetry.info('run ended', {
    run,
    verdict: 'done',
    direction,
    durationMs,
    applied: summary.applied,
    reverted: summary.reverted,
    rows: summary.rows,
  });
  telemetry.measure('RunsSucceeded', 1);
  telemetry.measure('RunDuration', durationMs);
  const count = direction === 'up' ? summary.applied : summary.reverted;
  const did = count === 0 ? 'nothing was left to do' : counted(count, direction === 'up' ? 'applied' : 'reverted');
  return {
    verdict: 'done',
    applied: summary.applied,
    reverted: summary.reverted,
    rows: summary.rows,
    durationMs,
    lastApplied: summary.lastApplied,
    snapshot: summary.snapshots.at(-1)?.identifier ?? null,
    message: `${did}; the ledger stands at ${summary.lastApplied ?? 'no migration'}`,
  };
};
