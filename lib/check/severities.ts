import { errorAt } from '../migration/index.ts';
import { rules, type Rule, type Severity } from '../rules/index.ts';

/** Severity by rule, where it is not the rule's own. */
export type Severities = Readonly<Record<string, Severity>>;

const known: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));

export const isRule = (id: string): boolean => known.has(id);

/** The word of `words` that was most likely meant; null when none is near. */
export const nearest = (word: string, words: Iterable<string>): string | null => {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const distance = distanceOf(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
};

const distanceOf = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1)
      next.push(
        Math.min(
          (next[to - 1] ?? 0) + 1,
          (row[to] ?? 0) + 1,
          (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[other.length] ?? 0;
};

/** `did you mean …`, or where all rules are listed. */
export const ruleHint = (id: string): string => {
  const meant = nearest(id, known.keys());
  return meant === null ? 'the rules are listed in docs/rules/README.md' : `did you mean ${meant}?`;
};

/** The rules that are asked, each with the severity that counts. @throws LockkeeperError `SettingsInvalid` for an id that no rule has */
export const rulesAsked = (
  severities: Severities,
): readonly { readonly rule: Rule; readonly severity: Exclude<Severity, 'off'> }[] => {
  const unknown = Object.keys(severities).find((id) => !isRule(id));
  if (unknown !== undefined)
    throw errorAt(
      'SettingsInvalid',
      { file: 'lockkeeper.json' },
      `rules.${unknown}: no such rule; ${ruleHint(unknown)}`,
    );
  return rules.flatMap((rule) => {
    const severity = severities[rule.id] ?? rule.severity;
    return severity === 'off' ? [] : [{ rule, severity }];
  });
};
