import { type CreatedObjects, nothingCreated } from './created-objects.ts';
import { dropFacts } from './facts/drops.ts';
import { type FactsTable, type NodeKind, type StatementFacts, type Surroundings, unwrap } from './facts/facts.ts';
import { indexFacts } from './facts/indexes.ts';
import { plainFacts } from './facts/plain.ts';
import { routineFacts } from './facts/routines.ts';
import { rowFacts } from './facts/rows.ts';
import { tableFacts } from './facts/tables.ts';
import type { Node } from './parse.ts';

export type { StatementFacts } from './facts/facts.ts';

const table: FactsTable = { ...tableFacts, ...dropFacts, ...rowFacts, ...indexFacts, ...routineFacts };

/** `CreateFooStmt` as `CREATE FOO`, for what no group knows. */
const humanized = (kind: NodeKind): string =>
  kind
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();

/** What a statement is and loses. A node type that no group knows counts as `unknown`. */
export const factsOf = (node: Node, sql: string, created: CreatedObjects = nothingCreated): StatementFacts => {
  const [kind, body] = unwrap(node);
  const known = table[kind] as ((body: unknown, around: Surroundings) => StatementFacts) | undefined;
  const inner = (innerNode: Node, innerSql: string): StatementFacts => factsOf(innerNode, innerSql, created);
  return known?.(body, { created, sql, inner }) ?? plainFacts(kind) ?? { kind: humanized(kind), loss: 'unknown' };
};
