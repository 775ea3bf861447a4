import { type ErrorCode, errorTable, isErrorCode, LockkeeperError } from '../errors/index.ts';
import type { RunSummary } from '../ledger/standing.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import type { Ports } from './ports.ts';

/** Step Functions' and RDS's own error names, as a state machine catches them, in our words. */
const foreignCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Rds\.SnapshotQuotaExceeded/, 'SnapshotRefused'],
  [/^Rds\.InvalidDbClusterState/, 'SnapshotRefused'],
  [/^Rds\.(DbClusterNotFound|DBClusterNotFound)/, 'ClusterNotFound'],
  [/^Rds\./, 'SnapshotRefused'],
  [/^(States\.Timeout|Sandbox\.Timedout)$/, 'OutcomeUnknown'],
];

const codeOf = (name: string): ErrorCode => {
  if (isErrorCode(name)) return name;
  return foreignCodes.find(([pattern]) => pattern.test(name))?.[1] ?? 'Unexpected';
};

/** A Lambda's Cause is JSON with the message in it; any other Cause is the message. */
const messageOf = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause);
    const message =
      typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed ? parsed.errorMessage : undefined;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause;
  }
};

const truth = (summary: RunSummary, direction: 'up' | 'down'): string => {
  const did = direction === 'up' ? `applied ${summary.applied}` : `reverted ${summary.reverted}`;
  const half = summary.unfinished === null ? 'nothing is half done' : `${summary.unfinished} is half done`;
  const snapshot = summary.snapshots.at(-1);
  return `this run ${did}; the ledger stands at ${summary.lastApplied ?? 'no migration'}; ${half}${snapshot ? `; snapshot ${snapshot.identifier}` : ''}`;
};

/**
 * Ends a run that failed: changes the token (which waits for every call that still runs), reads the ledger, releases the lease,
 * and says in three lines what happened, what is true now, and what to do. Safe to repeat.
 */
export const fail = async (
  { ledger, telemetry, clock }: Ports,
  { direction, run, token, startedAt, error }: ActionInput<'fail'>,
): Promise<ActionOutput<'fail'>> => {
  const code = codeOf(error.Error);
  const message = messageOf(error.Cause);
  const happened = isErrorCode(error.Error) ? message : `${error.Error}: ${message}`;
  const durationMs = Math.max(0, clock.now() - Date.parse(startedAt));
  const now =
    token === null
      ? 'nothing was begun'
      : await settled(() => ledger.endRun({ token, run, verdict: 'failed', detail: { code, durationMs } }), direction);
  telemetry.error('run failed', { run, code, durationMs });
  telemetry.measure('RunsFailed', 1);
  telemetry.measure('RunDuration', durationMs);
  return { error: code, cause: [happened, `now: ${now}`, `do: ${errorTable[code].remedy}`].join('\n') };
};

const settled = async (end: () => Promise<RunSummary>, direction: 'up' | 'down'): Promise<string> => {
  try {
    return truth(await end(), direction);
  } catch (error) {
    if (error instanceof LockkeeperError && error.code === 'LeaseLost')
      return 'another run holds the lease; see: lockkeeper status';
    throw error;
  }
};
