import { isDestructive } from '../migration/manifest.ts';
import type { Plan, PlanStep } from '../workflow/actions.ts';
import type { Style } from './style.ts';
import { table } from './wording.ts';

const stepRow = ({ version, name, kind, statements, loss, snapshot, does }: PlanStep): string[] => [
  `${version}-${name}`,
  [
    does.join(', ') || `${statements} statement${statements === 1 ? '' : 's'}`,
    kind === 'alone' ? 'outside a transaction' : '',
    isDestructive(loss) ? (loss === 'unknown' ? 'may destroy data' : 'destroys data') : '',
    snapshot ? 'snapshot first' : '',
  ]
    .filter(Boolean)
    .join(' · '),
];

/** The steps of a plan, one a line: what each migration does, and what a person should know before saying yes. */
export const planText = ({ steps, count }: Plan, style: Style): string[] => {
  const lines = table(steps.map(stepRow)).map((line, at) =>
    isDestructive(steps[at]?.loss ?? 'none') ? `  ${style.yellow(line)}` : `  ${line}`,
  );
  return count > steps.length ? [...lines, `  … and ${count - steps.length} more`] : lines;
};
