import { bareScript, replay, type StatementAt } from '../../lib/analysis/index.ts';
import { type Example, type Finding, rules } from '../../lib/rules/index.ts';

export interface Found extends Finding {
  readonly rule: string;
  readonly at: StatementAt;
}

/** What the rules find in an example's up. */
export const foundIn = ({ before, up, transaction = true }: Example): readonly Found[] => {
  const found: Found[] = [];
  const errors = replay([bareScript('before.sql', before, true), bareScript('up.sql', up, transaction)], (at) => {
    if (at.section.script.file !== 'up.sql') return;
    for (const rule of rules) for (const finding of rule.ask(at)) found.push({ ...finding, rule: rule.id, at });
  });
  const [error] = errors;
  if (error) throw error;
  return found;
};
