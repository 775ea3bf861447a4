import type { Json } from '../../errors/index.ts';
import type { WorkState } from './definition.ts';
import { type Departure, depart } from './leave.ts';
import { matches, Retries } from './retry.ts';
import type { Lane, Visit } from './run.ts';
import { runMap, runParallel } from './run-branches.ts';
import { runTask } from './run-task.ts';
import { EvaluationError, StatesError } from './states-error.ts';

const attempt = (lane: Lane, visit: Visit, state: WorkState): Promise<Json> => {
  switch (state.type) {
    case 'Task':
      return runTask(lane, visit, state);
    case 'Parallel':
      return runParallel(lane, visit, state);
    case 'Map':
      return runMap(lane, visit, state);
  }
  return state satisfies never;
};

/** A Task, Parallel or Map with its retries and catchers. @throws StatesError that nothing catches */
export const runWork = async (lane: Lane, visit: Visit, state: WorkState): Promise<Departure> => {
  const { run, signal } = lane;
  const retries = new Retries(state.retry);
  for (;;) {
    const attempted = { ...visit, retryCount: retries.count };
    try {
      const result = await attempt(lane, attempted, state);
      return await depart(lane, attempted, state, result, { result });
    } catch (failure) {
      if (!(failure instanceof StatesError)) throw failure;
      const error = noteEvaluation(lane, visit, failure);
      const delayMs = retries.next(error.error, run.random);
      if (delayMs !== null) {
        await run.clock.sleep(delayMs, signal);
        continue;
      }
      const catcher = state.catch.find(({ errorEquals }) => matches(errorEquals, error.error));
      if (!catcher) throw error;
      const errorOutput = { Error: error.error, ...(error.explanation !== '' && { Cause: error.explanation }) };
      return depart(lane, attempted, catcher, errorOutput, { errorOutput });
    }
  }
};

/** Writes that an expression failed; the error with the state named in it, once. */
export const noteEvaluation = ({ run, cursor }: Lane, visit: Visit, error: StatesError): StatesError => {
  if (!(error instanceof EvaluationError)) return error;
  const where = `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEventId}).`;
  const cause = `${where} ${error.explanation}`;
  run.history.add(cursor, 'EvaluationFailed', {
    evaluationFailedEventDetails: { error: error.error, cause, location: error.location, state: visit.name },
  });
  return new StatesError(error.error, cause, { cause: error });
};
