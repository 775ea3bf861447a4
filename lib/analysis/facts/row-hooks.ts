import type { QualifiedName } from '../../migration/index.ts';
import type { Constraint, Relation, RewriteRule, Trigger } from '../schema/objects.ts';
import { type LossFact, lossOfAge, noLoss, worstFact } from './age-loss.ts';
import { type Effect, effectOfCalls, noEffect, togetherOf } from './call-effects.ts';
import type { Surroundings } from './facts.ts';

export type RowEvent = 'insert' | 'update' | 'delete';

const writing = (trigger: Trigger, event: RowEvent): boolean => trigger.events.includes(event);
const matching = (rule: RewriteRule, event: RowEvent): boolean => rule.event === event;

/**
 * What writing rows of a table does beside them: triggers, rules, and the functions in its defaults, checks, domains and
 * indexes, as far as the replay has seen them.
 */
export const effectOfHooks = (table: QualifiedName, events: readonly RowEvent[], around: Surroundings): Effect => {
  const relation = around.schema.relation(table);
  if (relation === null) return noEffect;
  const triggers = relation.triggers.filter((each) => events.some((event) => writing(each, event)));
  const rules = relation.rules.filter((each) => events.some((event) => matching(each, event)));
  const rows = events.includes('insert') || events.includes('update');
  const domains = rows
    ? relation.columns.flatMap(({ type }) => (type === null ? [] : (around.schema.type(type)?.calls ?? [])))
    : [];
  const actions = rules.flatMap(({ actions: nodes }) =>
    nodes.map((node): Effect => {
      const facts = around.inner(node, '');
      return { loss: facts.loss, lossOf: facts.lossOf, hidden: facts.hidden, inner: facts.inner };
    }),
  );
  const start = around.schema.section.own.start;
  return togetherOf([
    effectOfStanding(
      triggers.filter(({ born }) => born < start).map((each) => each.function),
      around,
    ),
    effectOfCalls(
      triggers.filter(({ born }) => born >= start).map((each) => each.function),
      around,
    ),
    rows ? effectOfOwn(relation, around) : noEffect,
    effectOfStanding(domains, around),
    ...actions,
  ]);
};

/**
 * What functions do that were called by every write before this migration: a body that is not seen is not held against it,
 * one that is seen to lose data is.
 */
const effectOfStanding = (calls: Relation['calls'], around: Surroundings): Effect => {
  const effect = effectOfCalls(calls, around);
  return effect.loss === 'unknown' ? { ...noEffect, inner: effect.inner } : { ...effect, hidden: false };
};

/** The functions that a relation itself calls, in defaults and checks or in a view's query. */
export const effectOfOwn = ({ calls, called }: Relation, around: Surroundings): Effect =>
  called >= around.schema.section.own.start ? effectOfCalls(calls, around) : effectOfStanding(calls, around);

/** What an action of a foreign key does to the rows of others when these are deleted, or when these columns are overwritten. */
export const lossOfReferences = (
  table: QualifiedName,
  overwritten: readonly string[] | 'deleted',
  { schema }: Surroundings,
): LossFact => {
  const relation = schema.relation(table);
  const key = relation?.constraints.find(({ type }) => type === 'primary key')?.columns ?? [];
  const acts = ({ references }: Constraint): boolean => {
    if (references === null || schema.resolve(references.table).name !== relation?.name.name) return false;
    const action = overwritten === 'deleted' ? references.onDelete : references.onUpdate;
    if (action === 'no action' || action === 'restrict') return false;
    const columns = references.columns.length > 0 ? references.columns : key;
    return overwritten === 'deleted' || columns.length === 0 || columns.some((column) => overwritten.includes(column));
  };
  return worstFact(
    (relation?.referencedBy ?? []).map((child) =>
      schema.relation(child)?.constraints.some(acts) === true ? lossOfAge(ageAsMade(child, schema)) : noLoss,
    ),
  );
};

/** Age of a relation known by the name under which it was made. */
export const ageAsMade = (name: QualifiedName, schema: Surroundings['schema']) => {
  const relation = schema.relation(name);
  return schema.ageOf(relation === null || relation.qualified ? name : { schema: null, name: name.name });
};
