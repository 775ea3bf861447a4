import { LockkeeperErrors } from '../errors/index.ts';
import type { SnapshotRecord } from '../ledger/standing.ts';
import type { ActionInput, ActionOutput } from './actions.ts';
import { snapshotIdentifier } from './digest.ts';
import { migratePlan } from './migrate-plan.ts';
import { beyondPlan } from './pending-text.ts';
import type { Ports } from './ports.ts';
import { type Move, moveDown, moveUp, nextStep } from './steps.ts';

/** What is left of a run, from the ledger alone: so a run begun again continues where it stood. */
const remaining = async (
  { manifest, ledger }: Ports,
  { direction, run, target, pending: planned }: ActionInput<'next'>,
): Promise<{ moves: readonly Move[]; snapshots: readonly SnapshotRecord[] }> => {
  if (direction === 'down') {
    const { entries, snapshots } = await ledger.readRollback({ kind: 'begun', run }, run);
    return { moves: entries.map(moveDown), snapshots };
  }
  const standing = await ledger.read(manifest.migrations, run);
  const plan = migratePlan(manifest, standing, target);
  if (!('pending' in plan)) throw new LockkeeperErrors(plan);
  const beyond = beyondPlan(manifest, plan.pending, planned);
  if (beyond) throw beyond;
  return { moves: plan.pending.map(moveUp), snapshots: standing.snapshots };
};

/** Says what comes next, and names the snapshot when one comes. @throws LockkeeperError `PlanChanged` where more would be applied than the plan showed */
export const next = async (ports: Ports, input: ActionInput<'next'>): Promise<ActionOutput<'next'>> => {
  const { moves, snapshots } = await remaining(ports, input);
  const step = nextStep(moves, snapshots, ports.manifest.settings);
  if (step.kind !== 'snapshot') return step;
  return {
    ...step,
    identifier: snapshotIdentifier(ports.service, input.run, step.version),
    tags: snapshotTags(ports.service, input.run),
  };
};

/** What marks a snapshot as this run's own. */
export const snapshotTags = (service: string, run: string): { Key: string; Value: string }[] => [
  { Key: 'lockkeeper:service', Value: service },
  { Key: 'lockkeeper:run', Value: run },
];
