import { z } from 'zod';
import { foreseenLockSchema, sectionFactsSchema } from '../migration/section-facts.ts';
import { waysBack } from '../migration/way-back.ts';
import { executionInputSchema } from './execution-input.ts';

/**
 * The payloads of the `database` Lambda: what the state machine sends for each action and what it gets back.
 * One name all the way: action `apply` → `ApplyInput` → `ApplyOutput`.
 */

const version = z.string().regex(/^\d{14}$/);
const count = z.int().min(0);

const base = {
  /** What the machine the call comes from does: `up` for Migrate, `down` for Rollback. */
  direction: z.enum(['up', 'down']),
  /** `$states.context.Execution.Id`. */
  run: z.string().startsWith('arn:'),
  /** `$states.context.Execution.StartTime`, ISO 8601. */
  startedAt: z.string(),
};
const held = { ...base, token: count };

/** Sends of a migration whose end was not seen, one after the other. The machine carries it from call to call. */
const unseen = z.strictObject({ version, sends: count, sinceMs: count });
export type Unseen = z.infer<typeof unseen>;

/** One migration and the revision of its row that the caller believes in (0: no row). */
const migrationRef = z.strictObject({ version, revision: count });

const planned = z.strictObject({ token: count, lowest: version, digest: z.string() });

const plannedFacts = sectionFactsSchema.extend({
  locks: z.array(foreseenLockSchema.extend({ waits: z.enum(['reads and writes', 'writes', 'schema changes']) })),
});
export type PlannedFacts = z.infer<typeof plannedFacts>;

const planStep = z.object({
  version,
  name: z.string(),
  kind: z.enum(['batch', 'alone']),
  statements: count,
  loss: z.enum(['none', 'recoverable', 'data', 'unknown']),
  /** Whether a snapshot is taken right before it: with one for the run, before the first that asks for it. */
  snapshot: z.boolean(),
  /** What it does, in SQL's words, at most five kinds. */
  does: z.array(z.string()),
  /** What it locks and loses; null when this deployment does not know the migration as it stands in the ledger. */
  facts: plannedFacts.nullable().default(null),
  /** Grade of the migration's way back; null when it is not proven. */
  wayBack: z.enum(waysBack).nullable().default(null),
});
export type PlanStep = z.infer<typeof planStep>;

const plan = z.object({
  direction: z.enum(['up', 'down']),
  /** SHA-256 over what the run will do; an approval names it. */
  digest: z.string(),
  count,
  /** The first 100 steps, or fewer when they say much. */
  steps: z.array(planStep),
  destructive: z.boolean(),
  /** Of all `count`, how many destroy something. */
  destructiveCount: count,
  snapshot: z.boolean(),
  /** Whether a run of it waits for its approval, by the setting. */
  approval: z.boolean().default(false),
  /** Migrations in the ledger that this manifest does not know yet: the manifest is behind. */
  newer: count,
  appliedCount: count,
  lastApplied: z.string().nullable(),
  manifest: z.string(),
});
export type Plan = z.infer<typeof plan>;

const doctorFinding = z.object({
  name: z.string(),
  tries: z.string(),
  expected: z.string(),
  found: z.string(),
  /** Null: it could not be told. */
  holds: z.boolean().nullable(),
  outcome: z.enum(['as expected', 'worked around', 'needs you', 'not known']),
  /** What it means; null when it is as expected. */
  means: z.string().nullable(),
});
export type DoctorFinding = z.infer<typeof doctorFinding>;

export const actionSchemas = {
  /** Validates the execution's input, installs or upgrades the ledger, and plans. Called before any lease is held. */
  check: {
    input: z.strictObject({ action: z.literal('check'), ...base, input: z.unknown() }),
    output: z.object({
      decision: z.enum(['nothing', 'plan', 'approve', 'go', 'doctor']),
      plan,
      message: z.string(),
      leaseWaitSeconds: count,
      /** Migrate: the last version this run applies, so that `steps` is counted once. Null for Rollback. */
      target: version.nullable(),
      /** Migrate: what the plan applies, for `next` to apply no more (`pendingText`); empty for Rollback. */
      pending: z.string(),
      /** Rollback: what the plan reverts, for the ledger to revert no more; null for Migrate. */
      planned: planned.nullable(),
    }),
  },
  /** Tries what is believed of the database and the Data API; takes no lease. */
  doctor: {
    input: z.strictObject({ action: z.literal('doctor'), ...base }),
    output: z.object({
      /** `unfit`: a person has to act; `unclear`: something could not be told. */
      verdict: z.enum(['fit', 'unclear', 'unfit']),
      message: z.string(),
      findings: z.array(doctorFinding),
    }),
  },
  /** Takes the lease or says who holds it; takes over from an execution that runs no more. */
  acquire: {
    input: z.strictObject({
      action: z.literal('acquire'),
      ...base,
      input: executionInputSchema,
      target: version.nullable(),
      digest: z.string(),
      planned: planned.nullable(),
      waitedSeconds: count,
      leaseWaitSeconds: count,
    }),
    output: z.discriminatedUnion('taken', [
      z.object({ taken: z.literal(true), token: count }),
      z.object({ taken: z.literal(false), holder: z.string(), waitSeconds: count }),
    ]),
  },
  /** Reads the ledger and says what comes next. */
  next: {
    input: z.strictObject({
      action: z.literal('next'),
      ...held,
      input: executionInputSchema,
      target: version.nullable(),
      pending: z.string(),
    }),
    output: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('batch'), migrations: z.array(migrationRef).min(1).max(500) }),
      z.object({ kind: z.literal('alone'), migration: migrationRef }),
      z.object({
        kind: z.literal('snapshot'),
        identifier: z.string(),
        /** The version it is taken before, for `snapshotScope: step`; else null. */
        version: version.nullable(),
        tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
      }),
      z.object({ kind: z.literal('done') }),
    ]),
  },
  /** Records an available snapshot after looking that it is this run's own. */
  recordSnapshot: {
    input: z.strictObject({
      action: z.literal('recordSnapshot'),
      ...held,
      version: version.nullable(),
      identifier: z.string(),
      arn: z.string(),
      cluster: z.string(),
      /** When RDS began it. */
      snapshotStartedAt: z.string(),
      tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
    }),
    output: z.object({ recorded: z.literal(true) }),
  },
  /** Applies (or, for `down`, reverts) a list of transactional migrations in one call. */
  apply: {
    input: z.strictObject({
      action: z.literal('apply'),
      ...held,
      migrations: z.array(migrationRef).min(1).max(500),
      unseen: unseen.nullable(),
    }),
    output: z.discriminatedUnion('status', [
      z.object({
        status: z.literal('done'),
        applied: count,
        already: count,
        last: version.nullable(),
        unseen: z.null(),
      }),
      /** A call of ours runs on, or its end was not seen: wait, then ask the ledger what comes next. */
      z.object({ status: z.literal('running'), waitSeconds: count, unseen }),
    ]),
  },
  /** Brings one migration outside a transaction forward by what can be done in one call. Idempotent: call it until `done`. */
  advance: {
    input: z.strictObject({
      action: z.literal('advance'),
      ...held,
      migration: migrationRef,
      unseen: unseen.nullable(),
      stepStartedAt: z.string(),
    }),
    output: z.discriminatedUnion('status', [
      z.object({ status: z.literal('done'), unseen: z.null() }),
      z.object({
        status: z.literal('running'),
        waitSeconds: count,
        unseen: unseen.nullable(),
        /** What it waits for, e.g. `CREATE INDEX CONCURRENTLY, building index: scanning table 42 %`. */
        progress: z.string(),
      }),
    ]),
  },
  /** Releases the lease and sums up a run that did what it set out to do. */
  finish: {
    input: z.strictObject({ action: z.literal('finish'), ...held }),
    output: z.object({
      verdict: z.literal('done'),
      applied: count,
      reverted: count,
      rows: count,
      durationMs: count,
      lastApplied: z.string().nullable(),
      snapshot: z.string().nullable(),
      message: z.string(),
    }),
  },
  /** Changes the token, reads the ledger, releases, and says in three lines what happened, what is true now, what to do. */
  fail: {
    input: z.strictObject({
      action: z.literal('fail'),
      ...base,
      token: count.nullable(),
      error: z.object({ Error: z.string(), Cause: z.string() }),
    }),
    output: z.object({ error: z.string(), cause: z.string() }),
  },
} as const;

export type Action = keyof typeof actionSchemas;
export type ActionInput<A extends Action> = z.infer<(typeof actionSchemas)[A]['input']>;
export type ActionOutput<A extends Action> = z.infer<(typeof actionSchemas)[A]['output']>;
