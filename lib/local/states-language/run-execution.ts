import { setMaxListeners } from 'node:events';
import type { Json } from '../../errors/index.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Definition } from './definition.ts';
import { type Cursor, History, type HistoryEvent, whole } from './history.ts';
import { payload } from './payload.ts';
import type { Resumption } from './resumption.ts';
import { runBranch } from './run-branch.ts';
import { type BadEnd, ExecutionStopped, RunEnd } from './run-end.ts';
import { StatesError } from './states-error.ts';
import type { TaskRunner } from './task-runner.ts';
import { Variables } from './variables.ts';

/** Whose execution it is: what `$states.context` says of it. */
export interface ExecutionContext {
  readonly executionArn: string;
  readonly executionName: string;
  readonly roleArn: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
}

export type ExecutionEnd = { readonly status: 'SUCCEEDED'; readonly output: Json } | BadEnd;

export interface ExecutionOptions {
  readonly definition: Definition;
  readonly input: Json;
  readonly context: ExecutionContext;
  readonly tasks: TaskRunner;
  readonly clock?: Clock;
  /** For jitter; from 0 up to 1. */
  readonly random?: () => number;
  /** Stops the execution; an `ExecutionStopped` as its reason says why. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Goes on where an earlier attempt stopped, instead of beginning. */
  readonly resume?: Resumption | undefined;
}

/** Runs a state machine from its start to its end. It never throws for what happens in a state. */
export const runExecution = async ({
  definition,
  input,
  context,
  tasks,
  clock = systemClock,
  random = Math.random,
  signal: stop = new AbortController().signal,
  onEvent = () => {},
  resume,
}: ExecutionOptions): Promise<ExecutionEnd> => {
  const over = new AbortController();
  const stopped = (): void => over.abort(stopReason(stop.reason));
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  setMaxListeners(0, over.signal);
  const history = new History(() => clock.now(), onEvent, resume?.events);
  const cursor: Cursor = { last: resume?.events ?? 0 };
  const { roleArn } = context;
  if (resume === undefined)
    history.add({ last: 0 }, 'ExecutionStarted', {
      executionStartedEventDetails: { input: JSON.stringify(input), inputDetails: whole, roleArn },
    });
  else
    history.add(cursor, 'ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: resume.redriveCount } });
  if (definition.timeoutSeconds !== null) {
    const end = { status: 'TIMED_OUT', error: 'States.Timeout' } as const;
    clock.sleep(definition.timeoutSeconds * 1000, over.signal).then(
      () => over.abort(new RunEnd(end)),
      () => {},
    );
  }
  try {
    payload(input, 'The input');
    const run = { tasks, clock, random, history, context: contextObject(context, input, clock.now(), resume) };
    const variables = new Variables();
    if (resume) variables.restore(resume.variables);
    const lane = { run, cursor, signal: over.signal, variables, mapContext: {} };
    const output = await runBranch(lane, definition, input, resume?.state ?? undefined);
    history.end(cursor, 'ExecutionSucceeded', {
      executionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: whole },
    });
    return { status: 'SUCCEEDED', output };
  } catch (error) {
    const end = badEnd(error);
    const { status, ...said } = end;
    if (status === 'FAILED') history.end(cursor, 'ExecutionFailed', { executionFailedEventDetails: said });
    if (status === 'ABORTED') history.end({ last: 0 }, 'ExecutionAborted', { executionAbortedEventDetails: said });
    if (status === 'TIMED_OUT') history.end({ last: 0 }, 'ExecutionTimedOut', { executionTimedOutEventDetails: said });
    return end;
  } finally {
    stop.removeEventListener('abort', stopped);
    over.abort();
  }
};

const stopReason = (reason: unknown): RunEnd => {
  const { error, explanation } = reason instanceof ExecutionStopped ? reason : new ExecutionStopped();
  return new RunEnd({
    status: 'ABORTED',
    ...(error !== undefined && { error }),
    ...(explanation !== undefined && { cause: explanation }),
  });
};

/** @throws what is neither a state's error nor an end: a fault of the interpreter */
const badEnd = (error: unknown): BadEnd => {
  if (error instanceof RunEnd) return error.end;
  if (!(error instanceof StatesError)) throw error;
  return {
    status: 'FAILED',
    ...(error.error !== '' && { error: error.error }),
    ...(error.explanation !== '' && { cause: error.explanation }),
  };
};

const contextObject = (
  context: ExecutionContext,
  input: Json,
  now: number,
  resume: Resumption | undefined,
): { [key: string]: Json } => ({
  Execution: {
    Id: context.executionArn,
    Input: input,
    Name: context.executionName,
    RoleArn: context.roleArn,
    StartTime: new Date(resume?.startedAtEpochMs ?? now).toISOString(),
    RedriveCount: resume?.redriveCount ?? 0,
    ...(resume && { RedriveTime: new Date(resume.redrivenAtEpochMs).toISOString() }),
  },
  StateMachine: { Id: context.stateMachineArn, Name: context.stateMachineName },
});
