import { z } from 'zod';
import { lockDurations, lockModes } from '../analysis/locks/lock.ts';

const nameShape = { schema: z.string().nullable(), name: z.string() };

const objectSchema = z.strictObject({
  /** In SQL's words, in lower case: `table`, `column`, `function`. */
  kind: z.string(),
  ...nameShape,
  /** The column, constraint, trigger or policy of a table; `name` is then the table's. */
  part: z.string().optional(),
  role: z.enum(['created', 'altered', 'dropped', 'renamed', 'read', 'written']),
});

const lockSchema = z.strictObject({
  object: z.strictObject({
    kind: z.string(),
    ...nameShape,
    /** With `--catalog`, where they are known there. */
    rows: z.int().optional(),
    bytes: z.int().optional(),
  }),
  mode: z.enum(lockModes),
  /** What PostgreSQL does meanwhile; the lock is held until the transaction ends. */
  duration: z.enum(lockDurations),
});

const statementSchema = z.strictObject({
  section: z.enum(['up', 'down']),
  /** Where it begins in the file, from 1. */
  line: z.int(),
  kind: z.string(),
  objects: z.array(objectSchema),
  /** On relations that others can see: what the same section made is not among them. */
  locks: z.array(lockSchema),
  /** Whether PostgreSQL lets it run in a transaction block. */
  transactional: z.boolean(),
  loss: z.enum(['none', 'recoverable', 'data', 'unknown']),
  /** `old` was there before the migration, `since` was written after its up; null when nothing is lost. */
  lossOf: z.enum(['old', 'since']).nullable(),
  destructive: z.boolean(),
});

const diagnosticSchema = z.strictObject({
  /** Id of a rule (docs/rules), or code of an error (docs/errors.md). */
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'notice']),
  /** From 1; a column counts characters. */
  line: z.int(),
  column: z.int(),
  message: z.string(),
  /** SQL to write instead, or an instruction. */
  remedy: z.string(),
});

const fileSchema = z.strictObject({
  file: z.string(),
  /** Null for bare SQL, and for what is no migration. */
  version: z.string().nullable(),
  statements: z.array(statementSchema),
  diagnostics: z.array(diagnosticSchema),
});

/** What a check found: `format` grows when a key goes or means something else. */
export const reportSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(fileSchema),
  counts: z.strictObject({ error: z.int(), warning: z.int(), notice: z.int() }),
});

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

export type Report = DeepReadonly<z.infer<typeof reportSchema>>;
export type FileReport = Report['files'][number];
export type StatementReport = FileReport['statements'][number];
export type Diagnostic = FileReport['diagnostics'][number];
