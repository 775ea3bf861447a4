import { LockkeeperError, LockkeeperErrors } from '../errors/index.ts';
import { isDestructive } from '../migration/manifest.ts';
import type { ExecutionInput } from './execution-input.ts';
import type { ActionInput, ActionOutput, Plan } from './actions.ts';
import { pendingDigest, planDigest } from './digest.ts';
import { approvalLines } from './approval-lines.ts';
import { migratePlan } from './migrate-plan.ts';
import { pendingText } from './pending-text.ts';
import { describePlan, planOf, stepDown, stepUp } from './plan.ts';
import type { Ports } from './ports.ts';
import { requested, rollbackGoal } from './requested.ts';
import { installedRead } from './installed-read.ts';

interface Planned {
  readonly plan: Plan;
  readonly target: string | null;
  readonly pending: string;
  readonly planned: ActionOutput<'check'>['planned'];
}

/** The ledger knows a run by its execution, whose name may come again: 90 days after its end, or by a redrive. */
const refuseEnded = (runEnded: boolean, run: string): void => {
  if (!runEnded) return;
  throw new LockkeeperError('RunEnded', `an execution of this name has run and ended before: ${run}`);
};

/** Nothing sets a session's default aside where the statement stands alone in its call; told before the first write. */
const refuseReadOnly = async (
  { ledger }: Ports,
  { readOnly }: { readonly readOnly: boolean },
  alone: string | undefined,
): Promise<void> => {
  if (readOnly && alone !== undefined) throw await ledger.readOnlySessions(alone);
};

const planMigrate = async (ports: Ports, run: string, input: ExecutionInput): Promise<Planned> => {
  const { manifest, ledger } = ports;
  if (input.manifest !== undefined && input.manifest !== manifest.root) {
    throw new LockkeeperError(
      'ManifestMismatch',
      `this definition runs manifest ${manifest.root.slice(0, 12)}, the caller expected ${input.manifest.slice(0, 12)}`,
    );
  }
  if (input.to !== undefined && !manifest.migrations.some(({ version }) => version === input.to)) {
    throw new LockkeeperError('TargetUnknown', `"to" names ${input.to}, which is no version of the changelog`);
  }
  const standing = await installedRead(ledger, () => ledger.read(manifest.migrations, run));
  refuseEnded(standing.runEnded, run);
  const whole = migratePlan(manifest, standing, input.to ?? null);
  if (!('pending' in whole)) throw new LockkeeperErrors(whole);
  const pending = input.steps === undefined ? whole.pending : whole.pending.slice(0, input.steps);
  const alone = pending.find(({ migration }) => !migration.up.transactional);
  await refuseReadOnly(ports, standing, alone?.migration.version);
  const steps = pending.map((each) => stepUp(each, manifest.settings));
  const plan = planOf(steps, manifest.settings, {
    direction: 'up',
    digest: planDigest(pendingDigest(pending), manifest.settings),
    count: pending.length,
    destructiveCount: steps.filter(({ loss }) => isDestructive(loss)).length,
    newer: whole.newer,
    appliedCount: standing.appliedCount,
    lastApplied: standing.lastApplied,
    manifest: manifest.root,
  });
  const target = pending.at(-1)?.migration.version ?? null;
  return { plan, target, pending: pendingText(manifest, pending), planned: null };
};

const planRollback = async (ports: Ports, run: string, input: ExecutionInput): Promise<Planned> => {
  const { manifest, ledger } = ports;
  const standing = await installedRead(ledger, () => ledger.readRollback(rollbackGoal(input), run));
  refuseEnded(standing.runEnded, run);
  if (!standing.targetFound) {
    throw new LockkeeperError('TargetUnknown', `"to" names ${String(input.to)}, which is not applied`);
  }
  const { firstIrreversible: first, irreversibleCount, lowest, digest } = standing;
  if (first) {
    throw new LockkeeperError(
      'MigrationIrreversible',
      `${first.version}-${first.name} has no way back by script${irreversibleCount > 1 ? ` (and ${irreversibleCount - 1} more)` : ''}; its documented steps: ${first.steps ?? 'none'}`,
      { details: { version: first.version } },
    );
  }
  const alone = standing.entries.find(({ down }) => down?.transactional === false);
  await refuseReadOnly(ports, standing, alone?.version);
  const known = new Map(manifest.migrations.map((migration) => [migration.version, migration]));
  const steps = standing.entries.map((entry) => stepDown(entry, manifest.settings, known.get(entry.version)));
  const plan = planOf(steps, manifest.settings, {
    direction: 'down',
    digest: planDigest(digest, manifest.settings),
    count: standing.total,
    destructiveCount: standing.destructiveCount,
    newer: 0,
    appliedCount: standing.appliedCount,
    lastApplied: standing.lastApplied,
    manifest: manifest.root,
  });
  const planned = lowest === null ? null : { token: standing.lease.token, lowest, digest };
  return { plan, target: null, pending: '', planned };
};

const decide = ({ plan: planOnly, approve }: ExecutionInput, plan: Plan): ActionOutput<'check'>['decision'] => {
  if (plan.count === 0) return 'nothing';
  if (planOnly === true) return 'plan';
  if (approve !== undefined) return approve === plan.digest ? 'go' : 'approve';
  return plan.approval ? 'approve' : 'go';
};

/** No plan is made, since the ledger may be what is wrong. */
const probing = ({ manifest }: Ports, direction: 'up' | 'down'): ActionOutput<'check'> => ({
  decision: 'doctor',
  plan: planOf([], manifest.settings, {
    direction,
    digest: planDigest('', manifest.settings),
    count: 0,
    destructiveCount: 0,
    newer: 0,
    appliedCount: 0,
    lastApplied: null,
    manifest: manifest.root,
  }),
  message: 'looks at the database, changes nothing of it',
  leaseWaitSeconds: 0,
  target: null,
  pending: '',
  planned: null,
});

/** Validates what was asked for, reads the ledger (installing it the first time) and plans. Writes nothing else. */
export const check = async (
  ports: Ports,
  { direction, run, input }: ActionInput<'check'>,
): Promise<ActionOutput<'check'>> => {
  const asked = requested(input, direction);
  if (asked instanceof LockkeeperError) throw asked;
  if (asked.doctor === true) return probing(ports, direction);
  const { plan, ...bounds } = await (direction === 'up' ? planMigrate : planRollback)(ports, run, asked);
  const { settings } = ports.manifest;
  const decision = decide(asked, plan);
  const message = describePlan(plan);
  const stale =
    asked.approve !== undefined && asked.approve !== plan.digest ? 'the plan is not the one that was approved; ' : '';
  return {
    decision,
    plan,
    message:
      decision === 'approve'
        ? [`${stale}${message}; to approve, start again with "approve": "${plan.digest}"`, ...approvalLines(plan)].join(
            '\n',
          )
        : message,
    leaseWaitSeconds: direction === 'up' ? settings.migrateLeaseWaitSeconds : settings.rollbackLeaseWaitSeconds,
    ...bounds,
  };
};
