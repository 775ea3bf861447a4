import { worstFact } from './age-loss.ts';
import { effectOfCalls } from './call-effects.ts';
import type { PartialFacts, Surroundings } from './facts.ts';

/** Adds what the functions of known event triggers do to the facts of a DDL statement, which calls them. */
export const eventTriggered = (facts: PartialFacts, around: Surroundings): PartialFacts => {
  if (facts.class !== 'ddl' || around.schema.eventTriggers.size === 0) return facts;
  const effect = effectOfCalls([...around.schema.eventTriggers.values()], around);
  if (effect.loss === 'none') return facts;
  const own = { loss: facts.loss ?? 'none', lossOf: facts.lossOf ?? null };
  return { ...facts, ...worstFact([own, effect]), hidden: (facts.hidden ?? false) || effect.hidden };
};
