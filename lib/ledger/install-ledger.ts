import type { LedgerCalls } from './ledger-calls.ts';
import { sqlstateOf } from './ledger-errors.ts';
import { installStatement } from './sql/install.ts';

/** What a second installer may meet under a stricter isolation level than READ COMMITTED: its snapshot is older than the first one's work. */
const raced = new Set(['40001', '40P01', '23505', '42P06', '42P07', '42723', 'XX000']);

/** Makes the ledger or brings it up to date, in one call as a rule. */
export const installLedger = async (calls: LedgerCalls): Promise<void> => {
  const statement = installStatement(calls.schema);
  try {
    await calls.rows(statement);
  } catch (error) {
    if (!raced.has(sqlstateOf(error) ?? '')) throw error;
    await calls.rows(statement);
  }
};
