import { setMaxListeners } from 'node:events';
import type { Json } from '../../errors/index.ts';
import type { Branch, MapState, ParallelState } from './definition.ts';
import { evaluateIn, evaluateNumber, type Lane, type Visit, wrongType } from './run.ts';
import { BranchCancelled } from './run-end.ts';
import { runBranch } from './run-branch.ts';
import { Variables } from './variables.ts';

/** Iterations of an inline Map at once when it names no number (https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html). */
const mostAtOnce = 40;

/** Runs all of them, `atOnce` at a time; the first that fails cancels the others, and they are waited for. */
const together = async <Result>(
  lane: Lane,
  works: readonly ((lane: Lane) => Promise<Result>)[],
  atOnce: number,
): Promise<Result[]> => {
  const cancel = new AbortController();
  const signal = AbortSignal.any([lane.signal, cancel.signal]);
  setMaxListeners(0, signal);
  const results: Result[] = [];
  const failures: unknown[] = [];
  const begin = lane.cursor.last;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < works.length) {
      signal.throwIfAborted();
      const at = next;
      next += 1;
      const own = { ...lane, signal, cursor: { last: begin }, variables: new Variables(lane.variables) };
      const work = works[at] as (lane: Lane) => Promise<Result>;
      try {
        results[at] = await work(own);
        lane.cursor.last = own.cursor.last;
      } catch (error) {
        failures.push(error);
        cancel.abort(new BranchCancelled());
      }
    }
  };
  await Promise.allSettled(Array.from({ length: Math.min(atOnce, works.length) }, worker));
  lane.signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
};

/** One attempt of a Parallel: the list of what its branches answer. */
export const runParallel = async (lane: Lane, visit: Visit, state: ParallelState): Promise<Json> => {
  const { history } = lane.run;
  const input = state.arguments ? await evaluateIn(lane, visit, state.arguments) : visit.input;
  history.add(lane.cursor, 'ParallelStateStarted');
  const works = state.branches.map((branch: Branch) => (own: Lane) => runBranch(own, branch, input));
  try {
    const results = await together(lane, works, works.length);
    history.add(lane.cursor, 'ParallelStateSucceeded');
    return results;
  } catch (error) {
    if (!lane.signal.aborted) history.add(lane.cursor, 'ParallelStateFailed');
    throw error;
  }
};

/** One attempt of an inline Map: the list of what its iterations answer, in the order of the items. */
export const runMap = async (lane: Lane, visit: Visit, state: MapState): Promise<Json> => {
  const { history } = lane.run;
  const { name } = visit;
  const items = state.items ? await evaluateIn(lane, visit, state.items) : visit.input;
  if (!Array.isArray(items)) {
    throw wrongType(state.items ?? { kind: 'value', value: items }, 'Items', 'array', items);
  }
  const atOnce = state.maxConcurrency
    ? await evaluateNumber(lane, visit, state.maxConcurrency, 'MaxConcurrency', 0, Number.MAX_SAFE_INTEGER)
    : 0;
  const inputs: { item: Json; mapContext: Lane['mapContext'] }[] = [];
  for (const [index, value] of (items as readonly Json[]).entries()) {
    const mapContext = { Map: { Item: { Index: index, Value: value } } };
    const item = state.itemSelector ? await evaluateIn({ ...lane, mapContext }, visit, state.itemSelector) : value;
    inputs.push({ item, mapContext });
  }
  history.add(lane.cursor, 'MapStateStarted', { mapStateStartedEventDetails: { length: inputs.length } });
  const works = inputs.map(({ item, mapContext }, index) => async (own: Lane): Promise<Json> => {
    history.add(own.cursor, 'MapIterationStarted', { mapIterationStartedEventDetails: { name, index } });
    try {
      const result = await runBranch({ ...own, mapContext }, state.processor, item);
      history.add(own.cursor, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: { name, index } });
      return result;
    } catch (error) {
      const details = { name, index };
      if (!own.signal.aborted)
        history.add(own.cursor, 'MapIterationFailed', { mapIterationFailedEventDetails: details });
      else if (!lane.signal.aborted) {
        history.add(own.cursor, 'MapIterationAborted', { mapIterationAbortedEventDetails: details });
      }
      throw error;
    }
  });
  try {
    const results = await together(lane, works, atOnce === 0 ? mostAtOnce : Math.min(atOnce, mostAtOnce));
    history.add(lane.cursor, 'MapStateSucceeded');
    return results;
  } catch (error) {
    if (!lane.signal.aborted) history.add(lane.cursor, 'MapStateFailed');
    throw error;
  }
};
