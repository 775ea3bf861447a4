import { type ManifestMigration, worstLoss } from '../migration/manifest.ts';
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

/** A migration as the ledger keeps it. */
export const storedMigration = (migration: ManifestMigration): object => {
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

/** One CALL for a list of steps. It goes on in the database when the Data API's 45 s are over. */
export const takeSteps = async (
  calls: LedgerCalls,
  action: StepAction,
  { token, run, options, comment }: StepsRequest,
  steps: readonly object[],
): Promise<BatchResult> => {
  const [row] = await calls.rows(
    `${calls.leading(comment)} CALL ${calls.quoted}.take_steps(CAST(:action AS text), CAST(:token AS bigint), CAST(:run AS text), CAST(:steps AS jsonb), CAST(:options AS jsonb), NULL)`,
    { action, token, run, steps: JSON.stringify(steps), options: JSON.stringify(options) },
    { continueAfterTimeout: true },
  );
  return JSON.parse(String(row?.['result'])) as BatchResult;
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
  throw stopError(stop, step.version);
};
