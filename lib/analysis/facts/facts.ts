import type { Judge, Loss, QualifiedName } from '../../migration/index.ts';
import type { Lock, LockDuration, LockMode } from '../locks/lock.ts';
import type { AlterTableCmd, Node } from '../parse.ts';
import type { Routine } from '../schema/objects.ts';
import type { RunningSchema } from '../schema/running-schema.ts';

/** Kind of an object in SQL's words, in lower case: `table`, `materialized view`, `column`, `function`. */
export type ObjectKind = string;

/** What a statement does to an object that it names. */
export type ObjectRole = 'created' | 'altered' | 'dropped' | 'renamed' | 'read' | 'written';

export interface NamedObject extends QualifiedName {
  readonly kind: ObjectKind;
  readonly role: ObjectRole;
  /** The column, constraint, trigger or policy of a table; `name` is then the table's. */
  readonly part?: string;
  /** Whether the same section created it, so that no one else has seen it and it holds nothing old. */
  readonly isNew: boolean;
}

/** `ddl` changes the catalogue, `dml` rows, `query` nothing, `other` neither (LOCK, SET LOCAL, VACUUM). */
export type StatementClass = 'ddl' | 'dml' | 'query' | 'other';

/**
 * Whose loss: `old` had been there before this migration, `since` was written after this migration's up had created it
 * (only in a down). Null when nothing is lost.
 */
export type LossOf = 'old' | 'since' | null;

/** One comma-separated part of an ALTER TABLE. */
export interface AlterPart {
  readonly node: AlterTableCmd;
  /** `ADD COLUMN`, `SET NOT NULL`. */
  readonly kind: string;
  /** On the table that the statement names. */
  readonly mode: LockMode;
  readonly duration: LockDuration;
  readonly loss: Loss;
  readonly lossOf: LossOf;
}

/** What is known of one statement before it runs. */
export interface StatementFacts {
  /** What it is in SQL's words. */
  readonly kind: string;
  readonly class: StatementClass;
  readonly objects: readonly NamedObject[];
  /** One entry for each relation, the strongest mode and the longest duration. */
  readonly locks: readonly Lock[];
  readonly loss: Loss;
  readonly lossOf: LossOf;
  /** Whether running it a second time fails, because what it makes is there or what it takes is gone. */
  readonly rerunFails: boolean;
  /** Present when PostgreSQL refuses the statement inside a transaction block. */
  readonly judge?: Judge;
  /** Of an ALTER TABLE, in order; empty for all other statements. */
  readonly parts: readonly AlterPart[];
  /** Facts of the statements in a DO block or of a called routine's body, as far as they can be read. */
  readonly inner: readonly InnerStatement[];
  /** Whether some SQL is put together at run time or stands in a body that is not seen. */
  readonly hidden: boolean;
}

/** A statement inside a body. */
export interface InnerStatement {
  readonly sql: string;
  readonly node: Node;
  /** Line inside the body, from 1; 1 is the line of the opening quote. */
  readonly line: number;
  readonly facts: StatementFacts;
}

/** What one group of node types says of a statement; what is left out is empty, `none` or false. */
export interface PartialFacts extends Partial<Omit<StatementFacts, 'kind'>> {
  readonly kind: string;
}

/** What stands around a statement. */
export interface Surroundings {
  /** The schema just before the statement. */
  readonly schema: RunningSchema;
  /** The statement's text. */
  readonly sql: string;
  /** Routines of the project whose bodies have been looked at for this statement: each is counted once. */
  readonly seen: Set<Routine>;
  /** Facts of a statement inside this one (a CTE, a body), under the same surroundings. */
  readonly inner: (node: Node, sql: string) => StatementFacts;
}

type EachKey<T> = T extends unknown ? keyof T : never;
/** Name of a node type of PostgreSQL's parser, `AlterTableStmt`. */
export type NodeKind = EachKey<Node> & string;
export type BodyOf<K extends NodeKind> = Extract<Node, { readonly [Key in K]: unknown }>[K];

/** One group of node types, each with the pure function that knows it. */
export type FactsTable = { readonly [K in NodeKind]?: (body: BodyOf<K>, around: Surroundings) => PartialFacts };

/** Node type and body of a node. */
export const unwrap = (node: Node): readonly [NodeKind, unknown] => Object.entries(node)[0] as [NodeKind, unknown];
