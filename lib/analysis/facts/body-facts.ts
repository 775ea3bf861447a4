import { worstLoss } from '../../migration/index.ts';
import { bodyOf, type EmbeddedSql, embeddedIn, embeddedInSql } from '../embedded.ts';
import { apply } from '../schema/advance.ts';
import type { Routine } from '../schema/objects.ts';
import type { Effect } from './call-effects.ts';
import type { InnerStatement, Surroundings } from './facts.ts';

/** Bodies are read once for all calls. */
const read = new WeakMap<Routine, EmbeddedSql | null>();

const bodyRead = (routine: Routine): EmbeddedSql | null => {
  const known = read.get(routine);
  if (known !== undefined) return known;
  const node = 'CreateFunctionStmt' in routine.node ? routine.node.CreateFunctionStmt : undefined;
  const embedded =
    routine.language === 'plpgsql'
      ? embeddedIn(routine.sql)
      : routine.language === 'sql'
        ? embeddedInSql(bodyOf(node?.options).body, node?.sql_body)
        : null;
  read.set(routine, embedded);
  return embedded;
};

/** Facts of the statements of a body in order: what they certainly do is seen by those after them, and then forgotten. */
export const factsOfBody = (embedded: EmbeddedSql, { schema, inner }: Surroundings): Effect => {
  const mark = schema.mark();
  const statements: InnerStatement[] = [];
  for (const { node, sql, line, certain } of embedded.statements) {
    const facts = inner(node, sql);
    statements.push({ sql, node, line, facts }, ...facts.inner);
    apply(schema, node, sql, certain);
  }
  schema.takeBack(mark);
  const facts = statements.map((each) => each.facts);
  const hidden = embedded.hidden || facts.some((each) => each.hidden);
  return {
    loss: worstLoss([...facts, { loss: hidden ? 'unknown' : 'none' }]),
    lossOf:
      hidden || facts.some(({ lossOf }) => lossOf === 'old')
        ? 'old'
        : facts.some(({ lossOf }) => lossOf === 'since')
          ? 'since'
          : null,
    hidden,
    inner: statements,
  };
};

/** What calling a routine of the project does. One that is being looked at already adds nothing more. */
export const bodyFacts = (routine: Routine, around: Surroundings): Effect => {
  if (around.seen.has(routine)) return { loss: 'none', lossOf: null, hidden: false, inner: [] };
  around.seen.add(routine);
  const embedded = bodyRead(routine);
  return embedded === null
    ? { loss: 'unknown', lossOf: 'old', hidden: true, inner: [] }
    : factsOfBody(embedded, around);
};
