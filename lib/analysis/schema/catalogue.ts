import { z } from 'zod';

const nameShape = { schema: z.string(), name: z.string() };
const nameSchema = z.strictObject(nameShape);

const columnSchema = z.strictObject({
  name: z.string(),
  /** As `format_type` prints it, every name but PostgreSQL's own with its schema: `character varying(100)`, `app.mood`. */
  type: z.string(),
  notNull: z.boolean(),
  /** The default's expression. */
  default: z.string().nullable(),
  identity: z.enum(['always', 'by default']).nullable(),
  generated: z.enum(['stored', 'virtual']).nullable(),
  /** Whether a sequence goes with it, as behind `serial`. */
  serial: z.boolean(),
});

const action = z.enum(['no action', 'restrict', 'cascade', 'set null', 'set default']);

const constraintSchema = z.strictObject({
  name: z.string(),
  type: z.enum(['primary key', 'unique', 'check', 'foreign key', 'not null', 'exclusion']),
  columns: z.array(z.string()),
  /** Of a CHECK. */
  expression: z.string().nullable(),
  references: z
    .strictObject({ table: nameSchema, columns: z.array(z.string()), onDelete: action, onUpdate: action })
    .nullable(),
  valid: z.boolean(),
});

const relationSchema = z.strictObject({
  kind: z.enum(['table', 'partitioned table', 'foreign table', 'view', 'materialized view', 'sequence']),
  ...nameShape,
  /** As PostgreSQL estimates it; null where it was never analyzed. Of a partitioned table, its partitions together. */
  rows: z.int().min(0).nullable(),
  /** On disk, with indexes and TOAST. */
  bytes: z.int().min(0).nullable(),
  parents: z.array(nameSchema),
  columns: z.array(columnSchema),
  constraints: z.array(constraintSchema),
});

const indexSchema = z.strictObject({
  ...nameShape,
  table: nameSchema,
  method: z.string(),
  unique: z.boolean(),
  /** Key columns in order; null for an expression. */
  columns: z.array(z.string().nullable()),
  partial: z.boolean(),
  /** The constraint that it backs. */
  constraint: z.string().nullable(),
});

/** What a real database holds, as `lockkeeper catalog` writes it. `format` grows when a key goes or means something else. */
export const catalogueSchema = z.strictObject({
  format: z.literal(1),
  /** Last version that the ledger there has applied; null without a ledger. */
  lastApplied: z
    .string()
    .regex(/^\d{14}$/)
    .nullable(),
  relations: z.array(relationSchema),
  indexes: z.array(indexSchema),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type CatalogueRelation = Catalogue['relations'][number];

const list = (values: readonly unknown[]): string =>
  values.length === 0 ? '[]' : `[\n${values.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]`;

/** The catalogue as a file: an object a line, so that two of them can be compared. */
export const renderCatalogue = ({ format, lastApplied, relations, indexes }: Catalogue): string =>
  `{\n  "format": ${format},\n  "lastApplied": ${JSON.stringify(lastApplied)},\n  "relations": ${list(relations)},\n  "indexes": ${list(indexes)}\n}`;
