import type { Json } from '../../errors/index.ts';
import type { Branch, ChoiceState, FailState, State, WaitState } from './definition.ts';
import { whole } from './history.ts';
import { type Departure, depart, leave } from './leave.ts';
import { longestSeconds } from './read-handling.ts';
import type { Resumption } from './resumption.ts';
import { evaluateIn, evaluateNumber, type Lane, type Visit, wrongType } from './run.ts';
import { RunEnd } from './run-end.ts';
import { noteEvaluation, runWork } from './run-work.ts';
import { StatesError } from './states-error.ts';

/**
 * Runs the states of a machine or a branch from its first, or from one that was `entered` in an earlier attempt, to an end: the last
 * one's output. @throws StatesError, RunEnd
 */
export const runBranch = async (
  lane: Lane,
  { startAt, states }: Branch,
  begin: Json,
  entered?: NonNullable<Resumption['state']>,
): Promise<Json> => {
  const { run, cursor, signal } = lane;
  let input = entered?.input ?? begin;
  let again = entered;
  signal.throwIfAborted();
  for (let name: string | null = entered?.name ?? startAt; name !== null;) {
    const state: State = states.get(name) as State;
    const enteredEventId: number =
      again?.enteredEventId ??
      run.history.add(cursor, `${state.type}StateEntered`, {
        stateEnteredEventDetails: { name, input: JSON.stringify(input), inputDetails: whole },
      });
    again = undefined;
    const enteredTime = new Date(run.clock.now()).toISOString();
    const visit: Visit = { name, input, enteredEventId, enteredTime, retryCount: 0 };
    try {
      // entered all the same, so that the history says where a redrive goes on
      signal.throwIfAborted();
      const departure: Departure = await runState(lane, visit, state);
      leave(lane, visit, state.type, departure);
      input = departure.output;
      name = departure.next;
    } catch (error) {
      if (signal.aborted) {
        noteAborted(lane, state);
        throw signal.reason;
      }
      throw error instanceof StatesError ? noteEvaluation(lane, visit, error) : error;
    }
  }
  return input;
};

const runState = (lane: Lane, visit: Visit, state: State): Promise<Departure> => {
  switch (state.type) {
    case 'Task':
    case 'Parallel':
    case 'Map':
      return runWork(lane, visit, state);
    case 'Pass':
      return depart(lane, visit, state, visit.input);
    case 'Wait':
      return runWait(lane, visit, state);
    case 'Choice':
      return runChoice(lane, visit, state);
    case 'Succeed':
      return depart(lane, visit, { ...state, assign: null, next: null }, visit.input);
    case 'Fail':
      return runFail(lane, visit, state);
  }
  return state satisfies never;
};

const runWait = async (lane: Lane, visit: Visit, state: WaitState): Promise<Departure> => {
  const { clock } = lane.run;
  let ms = 0;
  if (state.seconds) ms = (await evaluateNumber(lane, visit, state.seconds, 'Seconds', 0, longestSeconds)) * 1000;
  if (state.timestamp) {
    const found = await evaluateIn(lane, visit, state.timestamp);
    const until = typeof found === 'string' ? Date.parse(found) : Number.NaN;
    if (Number.isNaN(until)) throw wrongType(state.timestamp, 'Timestamp', 'timestamp', found);
    ms = Math.max(0, until - clock.now());
  }
  await clock.sleep(ms, lane.signal);
  return depart(lane, visit, state, visit.input);
};

const runChoice = async (lane: Lane, visit: Visit, state: ChoiceState): Promise<Departure> => {
  for (const rule of state.rules) {
    const holds = await evaluateIn(lane, visit, rule.condition);
    if (typeof holds !== 'boolean') throw wrongType(rule.condition, 'Condition', 'boolean', holds);
    if (holds) return depart(lane, visit, rule, visit.input);
  }
  if (state.next !== null) return depart(lane, visit, state, visit.input);
  throw new StatesError(
    'States.NoChoiceMatched',
    `no rule of the state '${state.name}' matched, and it has no Default`,
  );
};

const runFail = async (lane: Lane, visit: Visit, state: FailState): Promise<never> => {
  const said: string[] = [];
  for (const [field, template] of [
    ['Error', state.error],
    ['Cause', state.cause],
  ] as const) {
    const found = template ? await evaluateIn(lane, visit, template) : '';
    if (typeof found !== 'string') throw wrongType(template ?? { kind: 'value', value: '' }, field, 'string', found);
    said.push(found);
  }
  throw new StatesError(said[0] ?? '', said[1] ?? '');
};

/** What a stop or a failed neighbour cuts says so in the history; a timeout of the whole execution leaves no trace in its states. */
const noteAborted = ({ run, cursor, signal }: Lane, { type }: State): void => {
  const timedOut = signal.reason instanceof RunEnd && signal.reason.end.status === 'TIMED_OUT';
  if (timedOut || !(type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map')) return;
  run.history.add(cursor, `${type}StateAborted`);
};
