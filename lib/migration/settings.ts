import { z } from 'zod';

/** The settings that a run obeys. They are compiled into the manifest and are part of its root. */
export const runSettingsSchema = z.strictObject({
  /** Schema of the ledger in the target database; a lower-case identifier of at most 48 characters. */
  ledgerSchema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,47}$/)
    .default('lockkeeper'),
  /** How long a migration waits for a lock before it is taken back and tried again, in milliseconds. */
  lockTimeoutMs: z.int().min(50).max(60_000).default(900),
  /** When a person has to approve the plan's digest. */
  approval: z.enum(['never', 'destructive', 'always']).default('never'),
  /** When a cluster snapshot is taken. */
  snapshot: z.enum(['destructive', 'always', 'never']).default('destructive'),
  /** One snapshot for the run, or one before each destructive step. */
  snapshotScope: z.enum(['run', 'step']).default('run'),
  /** How long a run waits for a lease that a running execution holds, in seconds. */
  migrateLeaseWaitSeconds: z.int().min(0).max(86_400).default(600),
  rollbackLeaseWaitSeconds: z.int().min(0).max(86_400).default(120),
  /** A transaction of another session older than this is waited for before a concurrent build, in seconds. */
  longTransactionSeconds: z.int().min(1).max(86_400).default(60),
  /** How long such transactions are waited for before the run refuses, in seconds. */
  longTransactionWaitSeconds: z.int().min(0).max(86_400).default(900),
});

export type RunSettings = z.infer<typeof runSettingsSchema>;
