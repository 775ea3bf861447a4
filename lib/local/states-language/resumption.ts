import type { Json } from '../../errors/index.ts';
import type { Branch } from './definition.ts';
import type { HistoryEvent } from './history.ts';

/** Where an execution that has ended goes on when it is redriven. */
export interface Resumption {
  /** The state that did not succeed, with its input; null when none had begun. */
  readonly state: { readonly name: string; readonly input: Json; readonly enteredEventId: number } | null;
  readonly variables: Readonly<Record<string, Json>>;
  /** Events so far. */
  readonly events: number;
  readonly startedAtEpochMs: number;
  readonly redriveCount: number;
  readonly redrivenAtEpochMs: number;
}

/**
 * What an execution's history says of where it stopped: the last state of the machine itself that was entered and not left, and the
 * variables that those before it set. A word of why not, for what is not imitated.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export const whereItStopped = (
  { states }: Branch,
  events: readonly HistoryEvent[],
): Pick<Resumption, 'state' | 'variables' | 'events'> | string => {
  const variables: Record<string, Json> = {};
  let state: Resumption['state'] = null;
  let leftLast = false;
  for (const { id = 0, type = '', stateEnteredEventDetails: entered, stateExitedEventDetails: exited } of events) {
    if (entered?.name !== undefined) {
      if (!states.has(entered.name) || state !== null) return 'a redrive from within a Parallel or a Map';
      state = { name: entered.name, input: JSON.parse(entered.input ?? 'null') as Json, enteredEventId: id };
      leftLast = false;
    } else if (type.endsWith('StateExited')) {
      for (const [name, value] of Object.entries(exited?.assignedVariables ?? {}))
        variables[name] = JSON.parse(value) as Json;
      state = null;
      leftLast = true;
    }
  }
  if (leftLast) return 'a redrive of an execution that stopped between two states';
  const open = state === null ? undefined : states.get(state.name)?.type;
  if (open === 'Parallel' || open === 'Map') return 'a redrive from within a Parallel or a Map';
  return { state, variables, events: events.length };
};
