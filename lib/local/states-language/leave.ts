import type { Json } from '../../errors/index.ts';
import { whole } from './history.ts';
import { payload } from './payload.ts';
import { evaluateIn, type Lane, type Outcome, type Visit } from './run.ts';
import type { Template } from './template.ts';

/** What a state leaves behind: nothing of it holds before `leave`. */
export interface Departure {
  readonly next: string | null;
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>>;
}

/** Evaluates Output and Assign, which all see the variables as they were. `otherwise` is the output of a state that writes none. */
export const depart = async (
  lane: Lane,
  visit: Visit,
  { output, assign, next }: { output: Template | null; assign: Template | null; next: string | null },
  otherwise: Json,
  outcome: Outcome = {},
): Promise<Departure> => {
  const assigned = assign ? await evaluateIn(lane, visit, assign, outcome) : {};
  const found = output ? await evaluateIn(lane, visit, output, outcome) : otherwise;
  payload(found, `The state '${visit.name}'`);
  return { next, output: found, assigned: assigned as Record<string, Json> };
};

/** Sets the variables and writes that the state was left. */
export const leave = (lane: Lane, visit: Visit, type: string, { output, assigned }: Departure): void => {
  lane.variables.assign(assigned);
  const names = Object.entries(assigned);
  lane.run.history.add(lane.cursor, `${type}StateExited` as 'PassStateExited', {
    stateExitedEventDetails: {
      name: visit.name,
      output: JSON.stringify(output),
      outputDetails: whole,
      ...(names.length > 0 && {
        assignedVariables: Object.fromEntries(names.map(([name, value]) => [name, JSON.stringify(value)])),
        assignedVariablesDetails: whole,
      }),
    },
  });
};
