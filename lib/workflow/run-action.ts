import { LockkeeperError } from '../errors/index.ts';
import { acquire } from './acquire.ts';
import { type Action, type ActionInput, type ActionOutput, actionSchemas } from './actions.ts';
import { advance } from './advance.ts';
import { apply } from './apply.ts';
import { check } from './check.ts';
import { doctor } from './doctor.ts';
import { fail } from './fail.ts';
import { finish } from './finish.ts';
import { next } from './next.ts';
import type { Ports } from './ports.ts';
import { recordSnapshot } from './record-snapshot.ts';

const actions: { readonly [A in Action]: (ports: Ports, input: ActionInput<A>) => Promise<ActionOutput<A>> } = {
  check,
  doctor,
  acquire,
  next,
  recordSnapshot,
  apply,
  advance,
  finish,
  fail,
};

const isAction = (word: unknown): word is Action => typeof word === 'string' && Object.hasOwn(actions, word);

const perform = async <A extends Action>(action: A, ports: Ports, payload: unknown): Promise<ActionOutput<A>> => {
  const { input, output } = actionSchemas[action];
  const parsed = input.safeParse(payload);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LockkeeperError(
      'InputInvalid',
      `action ${action} got a wrong payload at ${JSON.stringify(issue?.path.join('.') ?? '')}: ${issue?.message ?? ''}`,
    );
  }
  const result = await actions[action](ports, parsed.data as ActionInput<A>);
  return output.parse(result) as ActionOutput<A>;
};

/** Does the action that the payload names. @throws LockkeeperError whose name Step Functions matches. */
export const runAction = (ports: Ports, payload: unknown): Promise<ActionOutput<Action>> => {
  const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : undefined;
  if (!isAction(action))
    throw new LockkeeperError('InputInvalid', `the payload names no action of ${Object.keys(actions).join(', ')}`);
  return perform(action, ports, payload);
};
