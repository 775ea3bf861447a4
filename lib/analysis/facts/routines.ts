import { bodyOf, embeddedIn } from '../embedded.ts';
import { partsOf, qualifiedName } from '../names.ts';
import { factsOfBody } from './body-facts.ts';
import { type Effect, effectOfCalls } from './call-effects.ts';
import { strongestLocks } from '../locks/lock-set.ts';
import type { FactsTable, NamedObject, PartialFacts } from './facts.ts';

/** Facts of a statement that runs others: theirs taken together. */
const running = (kind: string, effect: Effect): PartialFacts => ({
  kind,
  class: effect.inner.some(({ facts }) => facts.class === 'ddl')
    ? 'ddl'
    : effect.inner.some(({ facts }) => facts.class === 'dml')
      ? 'dml'
      : 'other',
  objects: effect.inner.flatMap(({ facts }): readonly NamedObject[] => facts.objects),
  locks: strongestLocks(effect.inner.flatMap(({ facts }) => facts.locks)),
  ...effect,
});

/** Routines with what hides in them, and privileges. Creating a routine runs nothing. */
export const routineFacts: FactsTable = {
  DoStmt: ({ args }, around) => {
    const embedded = bodyOf(args).language === 'plpgsql' ? embeddedIn(around.sql) : null;
    return embedded === null
      ? { kind: 'DO', class: 'other', loss: 'unknown', lossOf: 'old', hidden: true }
      : running('DO', factsOfBody(embedded, around));
  },
  CallStmt: ({ funccall }, around) => {
    const parts = partsOf(funccall?.funcname);
    // a procedure of PostgreSQL itself there is none that a migration would call
    return running('CALL', effectOfCalls([parts], around));
  },
  CreateFunctionStmt: ({ is_procedure: isProcedure, replace, funcname }, { schema }) => {
    const name = qualifiedName(partsOf(funcname));
    const kind = isProcedure === true ? 'procedure' : 'function';
    const isThere = replace === true && schema.routinesNamed(name.name).length > 0;
    return {
      kind: `CREATE ${replace === true ? 'OR REPLACE ' : ''}${kind.toUpperCase()}`,
      class: 'ddl',
      objects: [{ kind, ...name, role: isThere ? 'altered' : 'created', isNew: !isThere }],
      rerunFails: replace !== true,
    };
  },
};
