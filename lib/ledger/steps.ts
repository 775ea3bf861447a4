import { type ManifestMigration, worstLoss } from '../migration/manifest.ts';
import { failedCall } from './failed-call.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { stopError } from './ledger-errors.ts';
import type { BatchResult, StatementFailure } from './standing.ts';

export interface StepOptions {
  /** How long a statement waits for a lock before its migration is taken back. */
  readonly lockTimeoutMs: number;
  /** A call begins no further migration once this much time is gone. */
  readonly budgetMs: number;
}

export interface StepsRequest {
  readonly token: number;
  readonly run: string;
  readonly options: StepOptions;
  /** Goes in front of the statement as an SQL comment, behind the schema's name: `lockkeeper <comment>`. */
  readonly comment: string;
}

/** What a routine is sent for one migration. */
interface Step {
  readonly version: string;
  readonly [key: string]: unknown;
}

/** A migration as the ledger keeps it. */
export const storedMigration = (migration: ManifestMigration): Step => {
  const { version, name, checksum, up, down, irreversible, verify } = migration;
  return {
    version,
    name,
    checksum,
    up,
    down,
    irreversible,
    verify,
    upLoss: worstLoss(up.statements),
    downLoss: down === null ? null : worstLoss(down.statements),
  };
};

type StepAction = 'apply' | 'revert' | 'statement' | 'complete';

/** A list of steps by one CALL or, where procedures are of no use, by a call for each. It goes on in the database when the Data API's 45 s are over. */
export const takeSteps = (
  calls: LedgerCalls,
  action: StepAction,
  request: StepsRequest,
  steps: readonly Step[],
): Promise<BatchResult> =>
  calls.routines
    .call(
      () => byOneCall(calls, action, request, steps),
      () => stepByStep(calls, action, request, steps),
    )
    .catch((error: unknown) => failedCall(calls, { action, token: request.token, run: request.run, steps }, error));

const byOneCall = async (
  calls: LedgerCalls,
  action: StepAction,
  { token, run, options, comment }: StepsRequest,
  steps: readonly Step[],
): Promise<BatchResult | null> => {
  const [row] = await calls.rows(
    `${calls.leading(comment)} CALL ${calls.quoted}.take_steps(CAST(:action AS text), CAST(:token AS bigint), CAST(:run AS text), CAST(:steps AS jsonb), CAST(:options AS jsonb), NULL)`,
    { action, token, run, steps: JSON.stringify(steps), options: JSON.stringify(options) },
    { continueAfterTimeout: true },
  );
  const answer = row?.['result'];
  return typeof answer === 'string' ? (JSON.parse(answer) as BatchResult) : null;
};

/** What `take_one_step` answers: what `take_step` does, and the database's clock. */
type StepOutcome = {
  readonly stop?: NonNullable<BatchResult['stop']>;
  readonly failure?: StatementFailure;
  readonly already?: true;
  readonly rows?: number;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
};

const stepByStep = async (
  calls: LedgerCalls,
  action: StepAction,
  { token, run, options, comment }: StepsRequest,
  steps: readonly Step[],
): Promise<BatchResult> => {
  const result = { applied: 0, already: 0, last: null as string | null, rows: 0 };
  const stopped = (stop: BatchResult['stop'], at: string | null, failure: StatementFailure | null): BatchResult => ({
    ...result,
    stop,
    at,
    failure,
  });
  let beganAtMs: number | null = null;
  let spentMs = 0;
  for (const step of steps) {
    if (beganAtMs !== null && spentMs > options.budgetMs) return stopped('budget', step.version, null);
    const [row] = await calls.rows(
      `${calls.leading(comment)} SELECT ${calls.quoted}.take_one_step(CAST(:action AS text), CAST(:token AS bigint), CAST(:run AS text), CAST(:step AS jsonb), CAST(:options AS jsonb)) AS result`,
      { action, token, run, step: JSON.stringify(step), options: JSON.stringify(options) },
      { continueAfterTimeout: true },
    );
    const outcome = JSON.parse(String(row?.['result'])) as StepOutcome;
    if (outcome.stop !== undefined) return stopped(outcome.stop, step.version, outcome.failure ?? null);
    beganAtMs ??= outcome.beganAtMs;
    spentMs = outcome.endedAtMs - beganAtMs;
    result.last = step.version;
    if (outcome.already) result.already += 1;
    else {
      result.applied += 1;
      result.rows += outcome.rows ?? 0;
    }
  }
  return stopped(null, null, null);
};

/** One step of a migration outside a transaction: null when it is done, now or before. */
export const takeOne = async (
  calls: LedgerCalls,
  action: 'statement' | 'complete',
  request: Omit<StepsRequest, 'options'> & { readonly lockTimeoutMs: number },
  step: { readonly version: string; readonly index?: number },
): Promise<StatementFailure | null> => {
  const options = { lockTimeoutMs: request.lockTimeoutMs, budgetMs: 0 };
  const { stop, failure } = await takeSteps(calls, action, { ...request, options }, [step]);
  if (stop === null) return null;
  if (stop === 'failed' && failure !== null) return failure;
  throw stopError(stop, step.version, failure?.sqlstate ?? null);
};
