import type { QualifiedName } from '../../migration/index.ts';
import type { RelationKind } from '../locks/lock.ts';
import type { Node } from '../parse.ts';

/**
 * When something came into being: the ordinal of the statement, growing over the whole replay. 0 for what was there before
 * or might have been (`IF NOT EXISTS`, inside a DO block, from a catalogue).
 */
export type Born = number;

/** A column's type: `pg_catalog` left out, PostgreSQL's own short name (`int4`, `varchar`). */
export interface ColumnType {
  readonly schema: string | null;
  readonly name: string;
  /** Length, or precision and scale. */
  readonly modifiers: readonly number[];
  readonly arrayDimensions: number;
}

export interface Column {
  readonly name: string;
  /** Null when it is not known, as for a column of a query. */
  readonly type: ColumnType | null;
  readonly notNull: boolean;
  readonly default: Node | null;
  readonly identity: 'always' | 'by default' | null;
  readonly generated: 'stored' | 'virtual' | null;
  /** Whether it was written as `serial`. */
  readonly serial: boolean;
  readonly born: Born;
  /** Whether its table was named with a schema when it was added. */
  readonly qualified: boolean;
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export interface Constraint {
  /** PostgreSQL's own choice (`t_a_fkey`) where none was given. */
  readonly name: string;
  readonly type: 'primary key' | 'unique' | 'check' | 'foreign key' | 'not null' | 'exclusion';
  readonly columns: readonly string[];
  readonly expression: Node | null;
  readonly references: {
    readonly table: QualifiedName;
    readonly columns: readonly string[];
    readonly onDelete: ReferentialAction;
    readonly onUpdate: ReferentialAction;
  } | null;
  /** False after NOT VALID, until VALIDATE. */
  readonly valid: boolean;
  readonly born: Born;
}

export interface Index {
  readonly name: QualifiedName;
  readonly table: QualifiedName;
  readonly method: string;
  readonly unique: boolean;
  /** Key columns in order; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly partial: boolean;
  /** Columns that its expressions and its predicate name; absent when not known. */
  readonly mentions?: readonly string[];
  /** The constraint that it backs. */
  readonly constraint: string | null;
  readonly born: Born;
}

export interface Trigger {
  readonly name: string;
  readonly function: readonly string[];
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  readonly born: Born;
}

/** A rewrite rule: its actions run instead of or beside the event. */
export interface RewriteRule {
  readonly name: string;
  readonly event: 'select' | 'insert' | 'update' | 'delete';
  readonly actions: readonly Node[];
  readonly born: Born;
}

/** A table, view, materialized view, sequence or foreign table. */
export interface Relation {
  readonly kind: Exclude<RelationKind, 'index'>;
  readonly name: QualifiedName;
  /** Whether all its columns are known: made in the replay or read from a catalogue. */
  readonly complete: boolean;
  readonly temporary: boolean;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly triggers: readonly Trigger[];
  readonly rules: readonly RewriteRule[];
  /** Tables of which this is a partition or a child. */
  readonly parents: readonly QualifiedName[];
  readonly children: readonly QualifiedName[];
  /** Whether it is the default partition of its parent. */
  readonly isDefault: boolean;
  /** Relations that a view reads. */
  readonly reads: readonly QualifiedName[];
  /** Columns that a view's query names, `''` for a star; absent when not known. */
  readonly mentions?: readonly string[];
  /** Views that read it. */
  readonly readBy: readonly QualifiedName[];
  /** Sequences that go with its columns. */
  readonly owns: readonly { readonly column: string; readonly sequence: QualifiedName }[];
  /** Tables whose foreign keys point here. */
  readonly referencedBy: readonly QualifiedName[];
  /** Functions that writing a row calls: in defaults, checks, generated columns and indexes. */
  readonly calls: readonly (readonly string[])[];
  /** Ordinal of the statement that added the last of them. */
  readonly called: Born;
  /** Estimated, from a catalogue; null when not known. */
  readonly rows: number | null;
  /** Bytes on disk, from a catalogue; null when not known. */
  readonly sizeBytes: number | null;
  readonly born: Born;
  /** Ordinal of the statement that made it, or would have, had it not been there (`IF NOT EXISTS`). */
  readonly made: Born;
  /** Whether it was named with a schema when it was made. */
  readonly qualified: boolean;
  /** Ordinal of the last statement that made old rows reachable through it: a partition attached, a key that cascades. */
  readonly tainted: Born;
  /** Ordinal of the last statement that filled it from elsewhere. */
  readonly filled: Born;
}

export interface UserType {
  readonly kind: 'enum' | 'domain' | 'composite' | 'range' | 'base';
  readonly name: QualifiedName;
  /** Labels of an enum with the ordinal that added each. */
  readonly labels: readonly { readonly label: string; readonly born: Born }[];
  /** The type under a domain. */
  readonly base: ColumnType | null;
  /** Whether it is a domain with CHECK or NOT NULL. */
  readonly checked: boolean;
  /** Functions that its checks call. */
  readonly calls: readonly (readonly string[])[];
  readonly born: Born;
  readonly qualified: boolean;
  readonly tainted: Born;
}

/** A function or procedure; overloads are kept apart by their statement. */
export interface Routine {
  readonly name: QualifiedName;
  readonly language: string;
  /** The CREATE FUNCTION statement. */
  readonly sql: string;
  readonly node: Node;
  /** Volatility as declared; `volatile` by default. */
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly born: Born;
}
