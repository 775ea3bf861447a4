import { isDestructive } from '../migration/manifest.ts';
import type { Plan, PlanStep } from './actions.ts';
import { tellStep } from './plan-words.ts';

/** A Fail state's cause holds 32,768 characters: https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html */
const charactersShown = 12_000;

const isWorthSaying = ({ loss, snapshot, facts }: PlanStep): boolean =>
  isDestructive(loss) || snapshot || (facts?.locks ?? []).some(({ waits }) => waits !== 'schema changes');

/** What whoever approves a plan should know, migration by migration; those that lock and lose nothing are left out. */
export const approvalLines = ({ steps, count }: Plan): readonly string[] => {
  const told = steps
    .filter(isWorthSaying)
    .map((step) =>
      [
        `${step.version}-${step.name}`,
        ...tellStep(step).flatMap(({ aspect, lines }) => lines.map((line) => `  ${aspect}: ${line}`)),
      ].join('\n'),
    );
  let characters = 0;
  const shown = told.filter((text) => (characters += text.length + 1) <= charactersShown);
  const others = count - shown.length;
  if (others === 0) return shown;
  const rest = told.length === shown.length && count === steps.length ? ', which block and lose nothing' : '';
  return [...shown, `and ${others} more${rest}`];
};
