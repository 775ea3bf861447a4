import { z } from 'zod';
import { lockDurations, lockModes } from './lock-modes.ts';

/** A lock for which others wait: reads, writes, or at least vacuum and schema changes. */
export const foreseenLockSchema = z.object({
  /** As SQL writes the name: `app.users`. */
  object: z.string(),
  mode: z.enum(lockModes),
  /** The longest work from when the lock is taken to the end of its transaction, when it is let go. */
  duration: z.enum(lockDurations),
  /** The relation that is worked on meanwhile, where it is another. */
  work: z.string().optional(),
});

export const foreseenLossSchema = z.object({
  /** In SQL's words: `DROP COLUMN`, `DELETE`. */
  does: z.string(),
  /** `app.users.fax` for a column; null where it cannot be named. */
  object: z.string().nullable(),
  loss: z.enum(['data', 'unknown']),
  /** Whose: `old` was there before the migration, `since` was written after its up. */
  of: z.enum(['old', 'since']),
  /** Of the statement in the migration file. */
  line: z.int(),
});

const count = z.int().min(0);

/** As many of each are kept, the worst first, so that a plan of many migrations can travel. */
export const foreseenAtMost = 6;

/** What a section will do to others and to the data, worked out before it runs: for people to read, nothing acts on it. */
export const sectionFactsSchema = z.object({
  locks: z.array(foreseenLockSchema),
  moreLocks: count,
  losses: z.array(foreseenLossSchema),
  moreLosses: count,
});

export type ForeseenLock = z.infer<typeof foreseenLockSchema>;
export type ForeseenLoss = z.infer<typeof foreseenLossSchema>;
export type SectionFacts = z.infer<typeof sectionFactsSchema>;

/** The facts of a migration's sections; `format` grows when a key goes or means something else. */
export const migrationFactsSchema = z.object({
  format: z.literal(1),
  up: sectionFactsSchema,
  down: sectionFactsSchema.nullable(),
});

export type MigrationFacts = z.infer<typeof migrationFactsSchema>;
