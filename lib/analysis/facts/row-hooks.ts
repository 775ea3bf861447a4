import type { QualifiedName } from '../../migration/index.ts';
import type { RewriteRule, Trigger } from '../schema/objects.ts';
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
  return togetherOf([
    effectOfCalls([...triggers.map((each) => each.function), ...(rows ? relation.calls : []), ...domains], around),
    ...actions,
  ]);
};

/** What deleting or overwriting rows of a table does to the rows of others that refer to them. */
export const lossOfReferences = (
  table: QualifiedName,
  event: 'update' | 'delete',
  { schema }: Surroundings,
): LossFact =>
  worstFact(
    (schema.relation(table)?.referencedBy ?? []).map((child) => {
      const acts = schema.relation(child)?.constraints.some(({ references }) => {
        if (references === null || schema.resolve(references.table).name !== table.name) return false;
        const action = event === 'delete' ? references.onDelete : references.onUpdate;
        return action !== 'no action' && action !== 'restrict';
      });
      return acts === true ? lossOfAge(ageAsMade(child, schema)) : noLoss;
    }),
  );

/** Age of a relation known by the name under which it was made. */
export const ageAsMade = (name: QualifiedName, schema: Surroundings['schema']) => {
  const relation = schema.relation(name);
  return schema.ageOf(relation === null || relation.qualified ? name : { schema: null, name: name.name });
};
