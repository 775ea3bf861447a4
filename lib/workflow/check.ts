import { LockkeeperError, LockkeeperErrors } from '../errors/index.ts';
import type { ExecutionInput } from './execution-input.ts';
import type { ActionInput, ActionOutput, Plan } from './actions.ts';
import { migrateDigest } from './digest.ts';
import { migratePlan } from './migrate-plan.ts';
import { describePlan, planOf, stepDown, stepUp } from './plan.ts';
import type { Ports } from './ports.ts';
import { requested, rollbackGoal } from './requested.ts';
import { installedRead } from './installed-read.ts';

interface Planned {
  readonly plan: Plan;
  readonly target: string | null;
}

const planMigrate = async ({ manifest, ledger }: Ports, input: ExecutionInput): Promise<Planned> => {
  if (input.manifest !== undefined && input.manifest !== manifest.root) {
    throw new LockkeeperError(
      'ManifestMismatch',
      `this definition runs manifest ${manifest.root.slice(0, 12)}, the caller expected ${input.manifest.slice(0, 12)}`,
    );
  }
  if (input.to !== undefined && !manifest.migrations.some(({ version }) => version === input.to)) {
    throw new LockkeeperError('TargetUnknown', `"to" names ${input.to}, which is no version of the changelog`);
  }
  const standing = await installedRead(ledger, () => ledger.read(manifest.migrations, null));
  const whole = migratePlan(manifest, standing, input.to ?? null);
  if (!('pending' in whole)) throw new LockkeeperErrors(whole);
  const pending = input.steps === undefined ? whole.pending : whole.pending.slice(0, input.steps);
  const plan = planOf(
    pending.map((each) => stepUp(each, manifest.settings)),
    pending.length,
    {
      direction: 'up',
      digest: migrateDigest(pending),
      newer: whole.newer,
      appliedCount: standing.appliedCount,
      lastApplied: standing.lastApplied,
      manifest: manifest.root,
    },
  );
  return { plan, target: pending.at(-1)?.migration.version ?? null };
};

const planRollback = async ({ manifest, ledger }: Ports, input: ExecutionInput): Promise<Planned> => {
  const standing = await installedRead(ledger, () => ledger.readRollback(rollbackGoal(input), null));
  if (!standing.targetFound) {
    throw new LockkeeperError('TargetUnknown', `"to" names ${String(input.to)}, which is not applied`);
  }
  const irreversible = standing.entries.filter(({ down }) => down === null);
  const [first] = irreversible;
  if (first) {
    throw new LockkeeperError(
      'MigrationIrreversible',
      `${first.version}-${first.name} has no way back by script${irreversible.length > 1 ? ` (and ${irreversible.length - 1} more)` : ''}; its documented steps: ${first.irreversible ?? 'none'}`,
      { details: { version: first.version } },
    );
  }
  const plan = planOf(
    standing.entries.map((entry) => stepDown(entry, manifest.settings)),
    standing.total,
    {
      direction: 'down',
      digest: standing.digest,
      newer: 0,
      appliedCount: standing.appliedCount,
      lastApplied: standing.lastApplied,
      manifest: manifest.root,
    },
  );
  return { plan, target: null };
};

const needsApproval = (plan: Plan, policy: 'never' | 'destructive' | 'always'): boolean =>
  policy === 'always' || (policy === 'destructive' && plan.destructive);

const decide = (
  { plan: planOnly, approve }: ExecutionInput,
  plan: Plan,
  policy: 'never' | 'destructive' | 'always',
): ActionOutput<'check'>['decision'] => {
  if (plan.count === 0) return 'nothing';
  if (planOnly === true) return 'plan';
  if (approve !== undefined) return approve === plan.digest ? 'go' : 'approve';
  return needsApproval(plan, policy) ? 'approve' : 'go';
};

/** No plan is made, since the ledger may be what is wrong. */
const probing = ({ manifest }: Ports, direction: 'up' | 'down'): ActionOutput<'check'> => ({
  decision: 'doctor',
  plan: planOf([], 0, {
    direction,
    digest: migrateDigest([]),
    newer: 0,
    appliedCount: 0,
    lastApplied: null,
    manifest: manifest.root,
  }),
  message: 'looks at the database, changes nothing of it',
  leaseWaitSeconds: 0,
  target: null,
});

/** Validates what was asked for, reads the ledger (installing it the first time) and plans. Writes nothing else. */
export const check = async (
  ports: Ports,
  { direction, input }: ActionInput<'check'>,
): Promise<ActionOutput<'check'>> => {
  const asked = requested(input, direction);
  if (asked instanceof LockkeeperError) throw asked;
  if (asked.doctor === true) return probing(ports, direction);
  const { plan, target } = await (direction === 'up' ? planMigrate : planRollback)(ports, asked);
  const { settings } = ports.manifest;
  const decision = decide(asked, plan, settings.approval);
  const message = describePlan(plan);
  const stale =
    asked.approve !== undefined && asked.approve !== plan.digest ? 'the plan is not the one that was approved; ' : '';
  return {
    decision,
    plan,
    message:
      decision === 'approve' ? `${stale}${message}; to approve, start again with "approve": "${plan.digest}"` : message,
    leaseWaitSeconds: direction === 'up' ? settings.migrateLeaseWaitSeconds : settings.rollbackLeaseWaitSeconds,
    target,
  };
};
