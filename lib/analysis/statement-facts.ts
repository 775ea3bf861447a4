import { catalogueFacts } from './facts/catalogue-facts.ts';
import { dropFacts } from './facts/drops.ts';
import { eventTriggered } from './facts/event-triggers.ts';
import {
  type FactsTable,
  type NodeKind,
  type PartialFacts,
  type StatementFacts,
  type Surroundings,
  unwrap,
} from './facts/facts.ts';
import { indexFacts } from './facts/indexes.ts';
import { plainFacts } from './facts/plain.ts';
import { routineFacts } from './facts/routines.ts';
import { rowFacts } from './facts/rows.ts';
import { sessionFacts } from './facts/session-facts.ts';
import { tableFacts } from './facts/tables.ts';
import type { Node } from './parse.ts';
import type { Routine } from './schema/objects.ts';
import type { RunningSchema } from './schema/running-schema.ts';

export type { StatementFacts } from './facts/facts.ts';

const table: FactsTable = {
  ...tableFacts,
  ...dropFacts,
  ...rowFacts,
  ...indexFacts,
  ...routineFacts,
  ...catalogueFacts,
  ...sessionFacts,
};

/** `CreateFooStmt` as `CREATE FOO`, for what no group knows. */
const humanized = (kind: NodeKind): string =>
  kind
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();

const completed = ({ loss = 'none', lossOf = null, ...known }: PartialFacts): StatementFacts => ({
  class: 'other',
  objects: [],
  locks: [],
  rerunFails: false,
  parts: [],
  inner: [],
  hidden: false,
  ...known,
  loss,
  lossOf: loss === 'data' || loss === 'unknown' ? (lossOf ?? 'old') : null,
});

const factsWithin = (node: Node, sql: string, schema: RunningSchema, seen: Set<Routine>): StatementFacts => {
  const [kind, body] = unwrap(node);
  const known = table[kind] as ((body: unknown, around: Surroundings) => PartialFacts) | undefined;
  const inner = (innerNode: Node, innerSql: string): StatementFacts => factsWithin(innerNode, innerSql, schema, seen);
  const around: Surroundings = { schema, sql, seen, inner };
  const facts =
    known?.(body, around) ??
    plainFacts(kind) ??
    ({ kind: humanized(kind), loss: 'unknown', lossOf: 'old', hidden: true } satisfies PartialFacts);
  return completed(eventTriggered(facts, around));
};

/** What a statement is, locks and loses in a schema. A node type that no group knows counts as `unknown`. */
export const factsOf = (node: Node, sql: string, schema: RunningSchema): StatementFacts =>
  factsWithin(node, sql, schema, new Set());
