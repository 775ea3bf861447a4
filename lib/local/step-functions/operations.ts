import { randomUUID } from 'node:crypto';
import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  DescribeStateMachineInput,
  DescribeStateMachineOutput,
  GetExecutionHistoryInput,
  GetExecutionHistoryOutput,
  HistoryEvent,
  ListExecutionsInput,
  ListExecutionsOutput,
  RedriveExecutionInput,
  RedriveExecutionOutput,
  StartExecutionInput,
  StartExecutionOutput,
  StopExecutionInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import type { Credentials } from '../authentication/index.ts';
import type { Clock } from '../states-language/index.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { ExecutionRunner } from './execution-runner.ts';
import type { ExecutionStore } from './execution-store.ts';
import { checkName, executionArn, executionNames, machineOf, type Machines } from './machines.ts';
import { page } from './pages.ts';
import { ownProcess } from './process-identity.ts';
import { redriveDetails, resumptionOf, tokenMs, whyNotRedrivable } from './redrive.ts';
import { ServiceError } from './service-error.ts';

/** The calls that are imitated, with the inputs, outputs and errors of the service's API. */
export interface Operations {
  startExecution(input: StartExecutionInput): Promise<StartExecutionOutput>;
  describeExecution(input: DescribeExecutionInput): Promise<DescribeExecutionOutput>;
  redriveExecution(input: RedriveExecutionInput): Promise<RedriveExecutionOutput>;
  stopExecution(input: StopExecutionInput): Promise<StopExecutionOutput>;
  getExecutionHistory(input: GetExecutionHistoryInput): Promise<GetExecutionHistoryOutput>;
  listExecutions(input: ListExecutionsInput): Promise<ListExecutionsOutput>;
  describeStateMachine(input: DescribeStateMachineInput): Promise<DescribeStateMachineOutput>;
}

export interface OperationsContext {
  readonly machines: Machines;
  readonly store: ExecutionStore;
  readonly runner: ExecutionRunner;
  readonly clock: Clock;
  /** Where this process's Step Functions listens. */
  readonly url: () => string;
  readonly credentials: Credentials;
  /** Passes a stop on to the process that runs the execution. */
  readonly stopElsewhere: (runner: ExecutionRecord['runner'], input: StopExecutionInput) => Promise<void>;
}

export const createOperations = (context: OperationsContext): Operations => {
  const { machines, store, runner, clock } = context;
  const createdAt = new Date(clock.now());

  const known = (arn: string | undefined): ExecutionRecord => {
    const { machine, name } = executionNames(arn);
    const record = store.read(machine, name);
    if (!record) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return record;
  };

  const historyOf = ({ executionArn: arn }: ExecutionRecord): HistoryEvent[] => {
    const { machine, name } = executionNames(arn);
    return store.history(machine, name);
  };
  const runnerHere = (): ExecutionRecord['runner'] => ({
    ...ownProcess(),
    url: context.url(),
    credentials: context.credentials,
  });

  return {
    async startExecution({ stateMachineArn, name = randomUUID(), input = '{}' }) {
      const machine = machineOf(machines, stateMachineArn);
      const record: ExecutionRecord = {
        executionArn: executionArn(stateMachineArn as string, checkName(name)),
        stateMachineArn: stateMachineArn as string,
        name,
        status: 'RUNNING',
        startDate: clock.now(),
        input: checkedInput(input),
        runner: runnerHere(),
      };
      const existing = store.create(machine.name, record);
      if (!existing) runner.begin(machine, record);
      else if (existing.status !== 'RUNNING' || existing.input !== input) {
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${record.executionArn}'`);
      }
      return { executionArn: record.executionArn, startDate: new Date((existing ?? record).startDate) };
    },

    async describeExecution({ executionArn: arn, includedData }) {
      const record = known(arn);
      return {
        ...describe(record, includedData !== 'METADATA_ONLY'),
        ...redriveDetails(record, () => historyOf(record).length, clock.now()),
      };
    },

    async redriveExecution({ executionArn: arn, clientToken }) {
      const record = known(arn);
      const now = clock.now();
      const { redriveToken, redriveDate = 0 } = record;
      if (clientToken !== undefined && clientToken === redriveToken && now - redriveDate < tokenMs)
        return { redriveDate: new Date(redriveDate) };
      const history = historyOf(record);
      const why = whyNotRedrivable(record, () => history.length, now);
      if (why !== null) throw new ServiceError('ExecutionNotRedrivable', why);
      const machine = machineOf(machines, record.stateMachineArn);
      const resume = resumptionOf(machine, record, history, now);
      const kept = withoutEnd(record);
      const redriven: ExecutionRecord = {
        ...kept,
        status: 'RUNNING',
        redriveCount: resume.redriveCount,
        redriveDate: now,
        ...(clientToken !== undefined && { redriveToken: clientToken }),
        runner: runnerHere(),
      };
      store.replace(machine.name, redriven);
      runner.begin(machine, redriven, resume);
      return { redriveDate: new Date(now) };
    },

    async stopExecution(input) {
      const record = known(input.executionArn);
      const here = runner.stop(record.executionArn, input.error, input.cause);
      if (here) await here;
      else if (record.status === 'RUNNING') await context.stopElsewhere(record.runner, input);
      return { stopDate: new Date(known(input.executionArn).stopDate ?? clock.now()) };
    },

    async getExecutionHistory({ executionArn: arn, maxResults, nextToken, reverseOrder, includeExecutionData = true }) {
      known(arn);
      const { machine, name } = executionNames(arn);
      const events = store.history(machine, name);
      const found = page(reverseOrder ? events.toReversed() : events, { maxResults, nextToken });
      const shown = includeExecutionData ? [...found.entries] : found.entries.map(withoutData);
      return { events: shown, ...(found.nextToken !== undefined && { nextToken: found.nextToken }) };
    },

    async listExecutions({ stateMachineArn, statusFilter, maxResults, nextToken }) {
      const machine = machineOf(machines, stateMachineArn);
      const records = store.list(machine.name).filter(({ status }) => !statusFilter || status === statusFilter);
      const found = page(records, { maxResults, nextToken });
      return {
        executions: found.entries.map((record) => ({
          executionArn: record.executionArn,
          stateMachineArn: record.stateMachineArn,
          name: record.name,
          status: record.status,
          startDate: new Date(record.startDate),
          ...(record.stopDate !== undefined && { stopDate: new Date(record.stopDate) }),
          redriveCount: record.redriveCount ?? 0,
          ...(record.redriveDate !== undefined && { redriveDate: new Date(record.redriveDate) }),
        })),
        ...(found.nextToken !== undefined && { nextToken: found.nextToken }),
      };
    },

    async describeStateMachine({ stateMachineArn }) {
      const { name, definition, roleArn } = machineOf(machines, stateMachineArn);
      return {
        stateMachineArn,
        name,
        status: 'ACTIVE',
        definition: definition.text,
        roleArn: roleArn ?? '',
        type: 'STANDARD',
        creationDate: createdAt,
      };
    },
  };
};

/** The service's own bound of an input, and it must be JSON. @throws ServiceError `InvalidExecutionInput` */
const checkedInput = (input: string): string => {
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
  if (Buffer.byteLength(input) <= 262_144) return input;
  throw new ServiceError('InvalidExecutionInput', 'Invalid State Machine Execution Input: it exceeds 262144 bytes');
};

const describe = (record: ExecutionRecord, withData: boolean): DescribeExecutionOutput => {
  const { executionArn: arn, stateMachineArn, name, status, startDate, stopDate, input, output, error, cause } = record;
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: new Date(startDate),
    ...(stopDate !== undefined && { stopDate: new Date(stopDate) }),
    ...(withData && { input, inputDetails: { included: true } }),
    ...(withData && output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
};

/** The record of an execution that goes on. */
const withoutEnd = (record: ExecutionRecord): ExecutionRecord => {
  const ended: ReadonlySet<string> = new Set(['stopDate', 'output', 'error', 'cause']);
  return Object.fromEntries(Object.entries(record).filter(([key]) => !ended.has(key))) as unknown as ExecutionRecord;
};

const dataFields = new Set(['input', 'output', 'parameters', 'assignedVariables']);

const withoutData = (event: HistoryEvent): HistoryEvent =>
  Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key,
      key.endsWith('EventDetails')
        ? Object.fromEntries(Object.entries(value as object).filter(([field]) => !dataFields.has(field)))
        : value,
    ]),
  ) as unknown as HistoryEvent;
