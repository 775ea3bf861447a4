import { type ActionOutput, actionSchemas } from '../../workflow/actions.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Invocation } from '../invocation.ts';
import { done, type Outcome } from '../outcome.ts';
import { run } from './run.ts';

const exits: Readonly<Record<ActionOutput<'doctor'>['verdict'], ExitCode>> = {
  fit: exitCodes.done,
  unclear: exitCodes.failed,
  unfit: exitCodes.person,
};

/** Tries on the laptop's database, or by a stack's own `Migrate`, what is believed of it, and prints what was found. Migrates nothing. */
export const doctor = async (invocation: Invocation): Promise<Outcome> => {
  const outcome = await run({ direction: 'up', input: { doctor: true }, wait: true }, invocation);
  const answer = actionSchemas.doctor.output.safeParse(outcome.output);
  if (!answer.success) return outcome;
  const { verdict, message, findings } = answer.data;
  invocation.screen.line({ type: 'doctor', findings });
  return done(message, { verdict }, exits[verdict]);
};
