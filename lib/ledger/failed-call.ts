import { LockkeeperError } from '../errors/index.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { stopError } from './ledger-errors.ts';
import type { BatchResult } from './standing.ts';

/** A call of `take_steps` as far as its failure has to know it. */
export interface FailedCall {
  readonly action: string;
  readonly token: number;
  readonly run: string;
  readonly steps: readonly { readonly version: string; readonly [key: string]: unknown }[];
}

/** Serialization failure, deadlock: taken back at its COMMIT, and to be tried again. */
const passing = new Set(['40001', '40P01']);

/** What PostgreSQL says of the ledger itself, not of a migration: missing privileges, or no ledger. */
const ofTheLedger = new Set(['42501', '2D000', '25006']);

/**
 * What it means that PostgreSQL refused a whole call, where `take_step` could not catch it: at a COMMIT (a trigger that put off another trigger),
 * or cancelled for a second time while it wrote the first cancel down. One more call finds the migration in the ledger, and writes its `failed` event.
 * @throws `error` where it is no refusal of a migration; LockkeeperError `LockTimeout` for what passes · `LeaseLost`
 */
export const failedCall = async (calls: LedgerCalls, call: FailedCall, error: unknown): Promise<BatchResult> => {
  if (!(error instanceof LockkeeperError) || error.code !== 'StatementFailed') throw error;
  const sqlstate = String(error.details['sqlstate']);
  if (ofTheLedger.has(sqlstate)) throw error;
  if (passing.has(sqlstate)) throw stopError('busy', null, sqlstate);
  const text = (key: string): string | null => (typeof error.details[key] === 'string' ? error.details[key] : null);
  const answer = (await calls.transact('fail_first_open', {
    action: call.action,
    token: call.token,
    run: call.run,
    steps: call.steps.map(({ version, revision, index }) => ({ version, revision, index })),
    failure: {
      phase: 'commit',
      sqlstate,
      message: error.message,
      hint: text('hint'),
      schema: null,
      table: null,
      column: null,
      constraint: null,
    },
  })) as BatchResult;
  return answer.stop === 'lease'
    ? { applied: 0, already: 0, last: null, rows: 0, at: null, failure: null, stop: 'lease' }
    : answer;
};
