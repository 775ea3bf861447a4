import type { Judge, Loss } from '../../migration/index.ts';
import type { CreatedObjects } from '../created-objects.ts';
import type { Node } from '../parse.ts';

/** What is known of one statement from its text alone, without the database. */
export interface StatementFacts {
  /** What it is in SQL's words. */
  readonly kind: string;
  readonly loss: Loss;
  /** Present when PostgreSQL refuses the statement inside a transaction block. */
  readonly judge?: Judge;
}

/** What stands around a statement. */
export interface Surroundings {
  /** What the statements before it in the same section created. */
  readonly created: CreatedObjects;
  /** The statement's text. */
  readonly sql: string;
  /** Facts of a statement inside this one (a CTE, a body), under the same surroundings. */
  readonly inner: (node: Node, sql: string) => StatementFacts;
}

type EachKey<T> = T extends unknown ? keyof T : never;
/** Name of a node type of PostgreSQL's parser, `AlterTableStmt`. */
export type NodeKind = EachKey<Node> & string;
export type BodyOf<K extends NodeKind> = Extract<Node, { readonly [Key in K]: unknown }>[K];

/** One group of node types, each with the pure function that knows it. */
export type FactsTable = { readonly [K in NodeKind]?: (body: BodyOf<K>, around: Surroundings) => StatementFacts };

/** Node type and body of a node. */
export const unwrap = (node: Node): readonly [NodeKind, unknown] => Object.entries(node)[0] as [NodeKind, unknown];
