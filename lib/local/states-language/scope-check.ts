import type { Branch, State } from './definition.ts';
import { assignedNames } from './read-assign.ts';

const ownNames = (state: State): readonly string[] => {
  if (state.type === 'Succeed' || state.type === 'Fail') return [];
  const assigns = [state.assign];
  if (state.type === 'Choice') assigns.push(...state.rules.map(({ assign }) => assign));
  if ('catch' in state) assigns.push(...state.catch.map(({ assign }) => assign));
  return assigns.flatMap(assignedNames);
};

/**
 * Refuses a variable of a branch that has the name of one outside it: a branch reads the outer variables and sets only its own
 * (https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#workflow-variables-scope).
 */
export const checkScopes = (
  branch: Branch,
  path: string,
  outer: ReadonlySet<string>,
  refuse: (path: string, why: string) => void,
): void => {
  const names = new Set([...branch.states.values()].flatMap(ownNames));
  for (const name of names) {
    if (outer.has(name)) refuse(path, `the variable $${name} has the name of one outside this branch`);
  }
  const visible = new Set([...outer, ...names]);
  for (const state of branch.states.values()) {
    const at = `${path}/States/${state.name}`;
    if (state.type === 'Map') checkScopes(state.processor, `${at}/ItemProcessor`, visible, refuse);
    if (state.type !== 'Parallel') continue;
    state.branches.forEach((each, n) => checkScopes(each, `${at}/Branches[${n}]`, visible, refuse));
  }
};
