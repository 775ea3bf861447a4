/**
 * A question to the catalogues. Its rows are objects: `kind`, `name` (quoted as in SQL), `lines` (one text), and where the order of columns
 * is kept apart, `column_order`.
 */
export type DumpQuery = string;
