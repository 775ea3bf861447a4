import type { Script, SplitStatement } from '../analysis/index.ts';
import { type Allow, commentsOf, lineIndexOf, readAllow } from '../migration/index.ts';
import { LockkeeperError } from '../errors/index.ts';

/** A suppression with the statement below it; `used` once it has silenced something. */
export interface Suppression {
  readonly allow: Allow;
  /** Line of the statement; null when none is below. */
  readonly statementLine: number | null;
  used: boolean;
}

/** Each allow of a section belongs to the first statement that begins below it. */
export const suppressionsOf = (
  allows: readonly Allow[],
  section: { readonly text: string; readonly line: number },
  statements: readonly SplitStatement[],
): Suppression[] => {
  const end = section.line + section.text.split('\n').length;
  return allows
    .filter(({ line }) => line >= section.line && line < end)
    .map((allow) => ({
      allow,
      statementLine: statements.find(({ place }) => place.line > allow.line)?.place.line ?? null,
      used: false,
    }));
};

/** The script with the allows that stand in bare SQL, and what is wrong with them. */
export const withAllows = (
  script: Script,
): { readonly script: Script; readonly findings: readonly LockkeeperError[] } => {
  if (script.version !== null || !script.text.includes('lockkeeper')) return { script, findings: [] };
  const index = lineIndexOf(script.text);
  const allows: Allow[] = [];
  const findings: LockkeeperError[] = [];
  for (const { text, alone, start } of commentsOf(script.text)) {
    const allow = readAllow(text, alone, true, { file: script.file, ...index.placeOf(start) });
    if (allow instanceof LockkeeperError) findings.push(allow);
    else if (allow !== null) allows.push(allow);
  }
  return { script: Object.assign({}, script, { allows: [...script.allows, ...allows] }), findings };
};
