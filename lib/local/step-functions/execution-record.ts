import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Credentials } from '../authentication/index.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** An execution as it is kept on disk. Dates are milliseconds since 1970. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  /** JSON text, as it was sent. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount?: number;
  readonly redriveDate?: number;
  /** The client's token of the last redrive. */
  readonly redriveToken?: string;
  /** The process that runs it, where its Step Functions listens, and while it runs what a request to there must be signed with. */
  readonly runner: ProcessIdentity & { readonly url: string; readonly credentials?: Credentials };
}

/** The record as it is true now: what a process left running when it ended counts as aborted. `touched` is when it last wrote. */
export const asOfNow = (record: ExecutionRecord, touched: () => number): ExecutionRecord => {
  if (record.status !== 'RUNNING' || isAlive(record.runner)) return record;
  const cause = `the process ${record.runner.pid} that ran this execution has ended`;
  return { ...record, status: 'ABORTED', stopDate: touched(), error: 'Local.ProcessEnded', cause };
};
