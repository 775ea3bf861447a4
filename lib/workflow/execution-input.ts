import { z } from 'zod';

const version = z.string().regex(/^\d{14}$/, 'a version has 14 digits');

/** The input of an execution, as a person or a pipeline writes it. `check` refuses what the direction does not allow. */
export const executionInputSchema = z.object({
  /** Show the plan and stop. */
  plan: z.boolean().optional(),
  /** Look at the database, and neither migrate nor revert. */
  doctor: z.literal(true).optional(),
  /** The digest of the plan that a person read. */
  approve: z.string().optional(),
  /** The manifest root that the caller deployed; another one refuses. */
  manifest: z.string().optional(),
  /** Migrate: the last version to apply. Rollback: the version to keep, or `none`. */
  to: z.union([version, z.literal('none')]).optional(),
  /** How many migrations, from the next pending (Migrate) or the newest applied (Rollback). */
  steps: z.int().min(1).optional(),
});
export type ExecutionInput = z.infer<typeof executionInputSchema>;
