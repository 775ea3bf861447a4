import type { SplitStatement } from '../../analysis/index.ts';
import type { Diagnostic } from '../report.ts';
import { replaceOnce, type Rewriting } from './rewrite.ts';

/** The statement with the IF EXISTS or IF NOT EXISTS that the rule offers for it, where it is honest. */
export const guard = (text: string, { sql }: SplitStatement, { rule, remedy }: Diagnostic): Rewriting | null => {
  if (rule !== 'not-repeatable' || !/\bIF (?:NOT )?EXISTS\b/.test(remedy) || !remedy.endsWith(';')) return null;
  const rewritten = replaceOnce(text, sql, remedy.slice(0, -1));
  return rewritten === null ? null : { rule, text: rewritten, next: null };
};
