import type { DoctorFinding } from '../workflow/actions.ts';
import type { Style } from './style.ts';
import { table } from './wording.ts';

const painted = (outcome: DoctorFinding['outcome'], text: string, style: Style): string => {
  switch (outcome) {
    case 'as expected':
      return style.green(text);
    case 'worked around':
    case 'not known':
      return style.yellow(text);
    case 'needs you':
      return style.red(text);
    default:
      return outcome satisfies never;
  }
};

const foundWidth = 36;

const cut = (text: string): string => (text.length > foundWidth ? `${text.slice(0, foundWidth - 1)}…` : text);

/** What was looked at and found; under each finding that is otherwise, what was expected and what it means. */
export const doctorText = (findings: readonly DoctorFinding[], style: Style): string[] => {
  const rows = table(
    findings.map(({ outcome, name, tries, found }) => [outcome, name, cut(found.replaceAll(/\s+/g, ' ')), tries]),
  );
  return findings.flatMap(({ outcome, expected, found, means }, at) => [
    painted(outcome, rows[at] ?? '', style),
    ...(means === null ? [] : [`  expected: ${expected}; found: ${found}`, `  means: ${means}`]),
  ]);
};
