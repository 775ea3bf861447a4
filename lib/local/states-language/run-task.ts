import type { Json } from '../../errors/index.ts';
import type { TaskState } from './definition.ts';
import { whole } from './history.ts';
import { payload } from './payload.ts';
import { longestSeconds } from './read-handling.ts';
import { type Resource, readResource } from './resource.ts';
import { evaluateIn, evaluateNumber, type Lane, type Visit } from './run.ts';
import { StatesError } from './states-error.ts';

/** One attempt of a Task: its result. @throws StatesError, or the signal's reason */
export const runTask = async (lane: Lane, visit: Visit, state: TaskState): Promise<Json> => {
  const { run, cursor } = lane;
  const sent = state.arguments ? await evaluateIn(lane, visit, state.arguments) : visit.input;
  const seconds = state.timeoutSeconds
    ? await evaluateNumber(lane, visit, state.timeoutSeconds, 'TimeoutSeconds', 1, longestSeconds)
    : null;
  const input = payload(sent, `The field 'Arguments' of the state '${state.name}'`);
  const events = taskEvents(readResource(state.resource));
  run.history.add(cursor, ...events.scheduled(input, seconds));
  run.history.add(cursor, ...events.started());
  try {
    const result = await attempt(lane, state, sent, seconds);
    const output = payload(result, `The task of the state '${state.name}' (${state.resource})`);
    run.history.add(cursor, ...events.succeeded(output));
    return result;
  } catch (error) {
    if (error instanceof StatesError) run.history.add(cursor, ...events.failed(error));
    throw error;
  }
};

/** Runs it until it answers, its time is over, or the execution ends. A task that is given up is not waited for. */
const attempt = async ({ run, signal }: Lane, state: TaskState, sent: Json, seconds: number | null): Promise<Json> => {
  const over = new AbortController();
  const inner = AbortSignal.any([signal, over.signal]);
  const never = new Promise<never>((_, reject) => {
    inner.addEventListener('abort', () => reject(inner.reason), { once: true });
  });
  const timeoutMs = (seconds ?? longestSeconds) * 1000;
  const racers = [run.tasks.run(state.resource, sent, { timeoutMs, signal: inner, state: state.name }), never];
  if (seconds !== null) {
    const timeout = run.clock.sleep(timeoutMs, inner).then(() => Promise.reject(new StatesError('States.Timeout', '')));
    racers.push(timeout);
  }
  for (const racer of racers) racer.catch(() => {});
  try {
    return await Promise.race(racers);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StatesError) throw error;
    throw new StatesError('States.TaskFailed', (error as Error).message, { cause: error });
  } finally {
    over.abort();
  }
};

type Event = Parameters<Lane['run']['history']['add']> extends [unknown, ...infer Rest] ? Rest : never;

const said = ({ error, explanation }: StatesError): { error: string; cause?: string } =>
  explanation === '' ? { error } : { error, cause: explanation };

interface TaskEvents {
  scheduled(input: string, seconds: number | null): Event;
  started(): Event;
  succeeded(output: string): Event;
  failed(error: StatesError): Event;
}

const limit = (seconds: number | null) => seconds !== null && { timeoutInSeconds: seconds };

/** The events of a task: a function named directly has its own kinds. */
const taskEvents = (resource: Resource | null): TaskEvents => {
  if (resource?.kind === 'function') {
    const scheduled = (input: string, seconds: number | null): Event => [
      'LambdaFunctionScheduled',
      {
        lambdaFunctionScheduledEventDetails: { resource: resource.arn, input, inputDetails: whole, ...limit(seconds) },
      },
    ];
    return {
      scheduled,
      started: () => ['LambdaFunctionStarted'],
      succeeded: (output) => [
        'LambdaFunctionSucceeded',
        { lambdaFunctionSucceededEventDetails: { output, outputDetails: whole } },
      ],
      failed: (error) =>
        error.error === 'States.Timeout'
          ? ['LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: said(error) }]
          : ['LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: said(error) }],
    };
  }
  const names = { resourceType: resource?.resourceType ?? '', resource: resource?.resource ?? '' };
  return {
    scheduled: (parameters, seconds) => [
      'TaskScheduled',
      { taskScheduledEventDetails: { ...names, region: 'local', parameters, ...limit(seconds) } },
    ],
    started: () => ['TaskStarted', { taskStartedEventDetails: names }],
    succeeded: (output) => ['TaskSucceeded', { taskSucceededEventDetails: { ...names, output, outputDetails: whole } }],
    failed: (error) =>
      error.error === 'States.Timeout'
        ? ['TaskTimedOut', { taskTimedOutEventDetails: { ...names, ...said(error) } }]
        : ['TaskFailed', { taskFailedEventDetails: { ...names, ...said(error) } }],
  };
};
