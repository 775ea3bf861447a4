import { indexWithoutConcurrently } from './locks/index-without-concurrently.ts';
import type { Rule } from './rule.ts';

export type { Example, Finding, Rule, RuleGroup, Severity } from './rule.ts';

/** Every rule, in the order in which the documentation lists them. */
export const rules: readonly Rule[] = [indexWithoutConcurrently];
