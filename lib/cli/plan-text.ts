import { blocksWrites, isDestructive } from '../migration/index.ts';
import type { Plan, PlanStep } from '../workflow/actions.ts';
import { lockText, tellStep } from '../workflow/plan-words.ts';
import type { Style } from './style.ts';
import { table } from './wording.ts';

/** The lock that a person should know of before a run: others wait for more than a moment. */
const longestLock = ({ facts }: PlanStep): string => {
  const [worst] = facts?.locks ?? [];
  return worst !== undefined && worst.duration !== 'instant' && blocksWrites(worst.mode) ? lockText(worst) : '';
};

const stepRow = (step: PlanStep): string[] => {
  const { version, name, kind, statements, loss, snapshot, does } = step;
  return [
    `${version}-${name}`,
    [
      does.join(', ') || `${statements} statement${statements === 1 ? '' : 's'}`,
      kind === 'alone' ? 'outside a transaction' : '',
      longestLock(step),
      isDestructive(loss) ? (loss === 'unknown' ? 'may destroy data' : 'destroys data') : '',
      snapshot ? 'snapshot first' : '',
    ]
      .filter(Boolean)
      .join(' · '),
  ];
};

const withRest = (lines: readonly string[], { steps, count }: Plan): string[] =>
  count > steps.length ? [...lines, `  … and ${count - steps.length} more`] : [...lines];

/** The steps of a plan, one a line: what each migration does, and what a person should see at a glance. */
export const planText = (plan: Plan, style: Style): string[] => {
  const lines = table(plan.steps.map(stepRow)).map((line, at) =>
    isDestructive(plan.steps[at]?.loss ?? 'none') ? `  ${style.yellow(line)}` : `  ${line}`,
  );
  return withRest(lines, plan);
};

const blockOf = (step: PlanStep, style: Style): string[] => {
  const told = tellStep(step).flatMap(({ aspect, lines }) =>
    lines.map((text, at) => {
      const isLost = aspect === 'loses' && isDestructive(step.loss);
      return [(at === 0 ? aspect : '').padEnd(6), isLost || aspect === 'before' ? style.yellow(text) : text];
    }),
  );
  return [`  ${style.bold(`${step.version}-${step.name}`)}`, ...table(told).map((line) => `    ${line}`), ''];
};

/** The steps of a plan, a block each: what it does, whom it blocks, what it loses, what its way back is worth. */
export const planBlocks = (plan: Plan, style: Style): string[] => [
  ...withRest(
    plan.steps.flatMap((step) => blockOf(step, style)),
    plan,
  ),
  ...(plan.steps.some(({ wayBack }) => wayBack === null)
    ? [style.dim('ways back are proven with: lockkeeper check --prove')]
    : []),
];
