import { LockkeeperError } from '../errors/index.ts';
import { type ExecutionInput, executionInputSchema } from './execution-input.ts';
import type { RollbackGoal } from '../ledger/standing.ts';

type Direction = 'up' | 'down';

const allowed = {
  up: ['plan', 'approve', 'manifest', 'to', 'steps', 'doctor'],
  down: ['plan', 'approve', 'to', 'steps', 'doctor'],
} as const satisfies Record<Direction, readonly (keyof ExecutionInput)[]>;

const machine = { up: 'Migrate', down: 'Rollback' } as const satisfies Record<Direction, string>;

/** Keys that the Step Functions console and service add by themselves, and the customary comment. */
const isForeign = (key: string): boolean => key === 'Comment' || key.startsWith('AWS_STEP_FUNCTIONS_');

/** What the execution's input asks for, or why it is refused. */
export const requested = (input: unknown, direction: Direction): ExecutionInput | LockkeeperError => {
  const keys = allowed[direction];
  const refuse = (found: string): LockkeeperError =>
    new LockkeeperError(
      'InputInvalid',
      `the input of ${machine[direction]} ${found}; allowed keys: ${keys.join(', ')}`,
      {
        details: { allowed: keys },
      },
    );
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return refuse('is not a JSON object');
  const own = Object.entries(input).filter(([key]) => !isForeign(key));
  const unknown = own.map(([key]) => key).filter((key) => !(keys as readonly string[]).includes(key));
  if (unknown.length > 0) return refuse(`has the unknown key ${unknown.map((key) => JSON.stringify(key)).join(', ')}`);
  const parsed = executionInputSchema.safeParse(Object.fromEntries(own));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(
      `has a wrong value at ${JSON.stringify(issue?.path.join('.') ?? '')}: ${issue?.message ?? 'not valid'}`,
    );
  }
  const { to, steps, plan, approve, doctor } = parsed.data;
  const beside = Object.keys(parsed.data).find((key) => key !== 'doctor');
  if (doctor === true && beside !== undefined)
    return refuse(`names both "doctor" and "${beside}", which contradict each other`);
  if (to !== undefined && steps !== undefined)
    return refuse('names both "to" and "steps", which contradict each other');
  if (plan === true && approve !== undefined)
    return refuse('names both "plan" and "approve", which contradict each other');
  if (direction === 'up' && to === 'none') return refuse('names "to": "none", which only Rollback knows');
  return parsed.data;
};

/** Which entries a rollback's input is about. */
export const rollbackGoal = ({ to, steps }: ExecutionInput): RollbackGoal => {
  if (to === 'none') return { kind: 'all' };
  if (to !== undefined) return { kind: 'to', version: to };
  if (steps !== undefined) return { kind: 'steps', steps };
  return { kind: 'run', run: null };
};
