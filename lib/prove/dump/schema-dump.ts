/** One thing in the catalogues. */
export interface SchemaObject {
  /** In SQL's words: `table`, `materialized view`. */
  readonly kind: string;
  /** Qualified and quoted as SQL wants it. */
  readonly name: string;
  readonly lines: readonly string[];
  /** Columns as they stand, for tables and composite types: nothing but making it anew changes their order. Null for all else. */
  readonly columnOrder: string | null;
}

/** A schema as text for people and machines: ordered by kind and name, columns by name. */
export type SchemaDump = readonly SchemaObject[];

/** The dump of a schema as text, one block an object. */
export const renderDump = (dump: SchemaDump): string =>
  dump
    .map(({ kind, name, lines, columnOrder }) =>
      [`${kind} ${name}`, ...lines, ...(columnOrder === null ? [] : [`columns in order: ${columnOrder}`])].join('\n  '),
    )
    .map((block) => `${block}\n`)
    .join('\n');
