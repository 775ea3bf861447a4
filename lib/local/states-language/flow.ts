import type { Branch, State } from './definition.ts';

/** Every state that may follow, with the field that says so. */
const following = (state: State): readonly (readonly [field: string, next: string])[] => {
  switch (state.type) {
    case 'Succeed':
    case 'Fail':
      return [];
    case 'Choice': {
      const rules = state.rules.map(({ next }, at) => [`Choices[${at}]/Next`, next] as const);
      return state.next === null ? rules : [...rules, ['Default', state.next] as const];
    }
    case 'Task':
    case 'Parallel':
    case 'Map': {
      const caught = state.catch.map(({ next }, at) => [`Catch[${at}]/Next`, next] as const);
      return state.next === null ? caught : [['Next', state.next] as const, ...caught];
    }
    case 'Pass':
    case 'Wait':
      return state.next === null ? [] : [['Next', state.next] as const];
  }
  return state satisfies never;
};

const isTerminal = (state: State): boolean =>
  state.type === 'Succeed' || state.type === 'Fail' || (state.type !== 'Choice' && state.next === null);

/** Refuses a transition to nowhere, a state that nothing leads to, and states without an end. */
export const checkFlow = (
  { startAt, states }: Branch,
  path: string,
  refuse: (path: string, why: string) => void,
): void => {
  if (!states.has(startAt)) refuse(`${path}/StartAt`, `there is no state ${JSON.stringify(startAt)}`);
  const reached = new Set<string>([startAt]);
  for (const name of reached) {
    const state = states.get(name);
    for (const [, next] of state ? following(state) : []) reached.add(next);
  }
  for (const [name, state] of states) {
    for (const [field, next] of following(state)) {
      if (!states.has(next)) refuse(`${path}/States/${name}/${field}`, `there is no state ${JSON.stringify(next)}`);
    }
    if (!reached.has(name)) refuse(`${path}/States/${name}`, 'no transition leads to this state');
  }
  if (![...states.values()].some(isTerminal)) refuse(`${path}/States`, 'no state ends the run');
};
