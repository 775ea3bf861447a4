import { bareScript, replay, type StatementAt } from '../../lib/analysis/index.ts';
import { type Example, type Finding, rules } from '../../lib/rules/index.ts';

export interface Found extends Finding {
  readonly rule: string;
  readonly at: StatementAt;
}

/** What the rules find in an example's up. */
export const foundIn = ({ before, up, file, transaction = true }: Example): readonly Found[] => {
  const found: Found[] = [];
  const script = bareScript(file ?? 'up.sql', up, transaction);
  const judged = { ...script, version: file?.slice(0, 14) ?? null };
  const errors = replay([bareScript('before.sql', before, true), judged], (at) => {
    if (at.section.script !== judged) return;
    for (const rule of rules) for (const finding of rule.ask(at)) found.push({ ...finding, rule: rule.id, at });
  });
  const [error] = errors;
  if (error) throw error;
  return found;
};

/** The first remedy for a down after an up that does nothing. */
export const foundInDown = (before: string, down: string): string | undefined => {
  const remedies: string[] = [];
  const up = bareScript('20260101000000-add-things.sql', 'SELECT 1;', true);
  const script = { ...up, version: '20260101000000', down: { text: down, line: 5, transactional: true } };
  replay([bareScript('before.sql', before, true), script], (at) => {
    if (at.section.name === 'down')
      for (const rule of rules) remedies.push(...rule.ask(at).map(({ remedy }) => remedy));
  });
  return remedies[0];
};
