import type { ExecutionRecord } from './execution-record.ts';
import { historyLimit, type HistoryEvent, type Resumption, whereItStopped } from '../states-language/index.ts';
import type { LocalMachine } from './machines.ts';
import { ServiceError } from './service-error.ts';

/** How long after its end an execution may be redriven: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
const redrivableMs = 14 * 24 * 60 * 60_000;
/** How long a client's token makes a second call the same one (same page). */
export const tokenMs = 15 * 60_000;

/** Why an execution cannot be redriven, in the service's words; null when it can. */
export const whyNotRedrivable = (record: ExecutionRecord, events: () => number, now: number): string | null => {
  if (record.status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
  if (record.status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (now - (record.stopDate ?? record.startDate) > redrivableMs) return 'Execution redrivable period exceeded';
  // the event that says so, and one of the state's
  if (events() > historyLimit - 3) return 'Execution history event limit exceeded';
  return null;
};

/** What `DescribeExecution` says of redrives. */
export const redriveDetails = (record: ExecutionRecord, events: () => number, now: number) => {
  const why = whyNotRedrivable(record, events, now);
  return {
    redriveCount: record.redriveCount ?? 0,
    ...(record.redriveDate !== undefined && { redriveDate: new Date(record.redriveDate) }),
    ...(why === null
      ? { redriveStatus: 'REDRIVABLE' as const }
      : { redriveStatus: 'NOT_REDRIVABLE' as const, redriveStatusReason: why }),
  };
};

/** Where the execution goes on. @throws ServiceError for what is not imitated */
export const resumptionOf = (
  machine: LocalMachine,
  record: ExecutionRecord,
  history: readonly HistoryEvent[],
  now: number,
): Resumption => {
  const stopped = whereItStopped(machine.definition, history);
  if (typeof stopped === 'string')
    throw new ServiceError('UnknownOperationException', `the local Step Functions does not imitate ${stopped}`);
  return {
    ...stopped,
    startedAtEpochMs: record.startDate,
    redriveCount: (record.redriveCount ?? 0) + 1,
    redrivenAtEpochMs: now,
  };
};
