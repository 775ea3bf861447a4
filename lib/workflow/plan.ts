import type { ManifestStatement } from '../migration/manifest.ts';
import type { RunSettings } from '../migration/settings.ts';
import type { AppliedEntry } from '../ledger/standing.ts';
import type { Plan, PlanStep } from './actions.ts';
import type { PendingMigration } from './migrate-plan.ts';
import { asksSnapshot, type Move, moveDown, moveUp } from './steps.ts';

const stepsShown = 100;
const kindsShown = 5;

const kinds = (statements: readonly ManifestStatement[]): string[] =>
  [...new Set(statements.map(({ kind }) => kind))].slice(0, kindsShown);

const step = (move: Move, settings: RunSettings, rest: Pick<PlanStep, 'name' | 'statements' | 'does'>): PlanStep => ({
  version: move.version,
  kind: move.transactional ? 'batch' : 'alone',
  loss: move.loss,
  snapshot: asksSnapshot(move, settings),
  ...rest,
});

export const stepUp = (pending: PendingMigration, settings: RunSettings): PlanStep =>
  step(moveUp(pending), settings, {
    name: pending.migration.name,
    statements: pending.migration.up.statements.length,
    does: kinds(pending.migration.up.statements),
  });

export const stepDown = (entry: AppliedEntry, settings: RunSettings): PlanStep =>
  step(moveDown(entry), settings, { name: entry.name, statements: entry.down?.statements ?? 0, does: [] });

/** The plan as a person reads it and approves it: the first steps one by one, and totals over all `count`, of which `steps` may be the first only. */
export const planOf = (
  steps: readonly PlanStep[],
  settings: RunSettings,
  rest: Omit<Plan, 'steps' | 'destructive' | 'snapshot'>,
): Plan => {
  const { count, destructiveCount } = rest;
  const destructive = destructiveCount > 0;
  return {
    ...rest,
    steps: steps.slice(0, stepsShown),
    destructive,
    snapshot: count > 0 && asksSnapshot({ version: '', loss: destructive ? 'data' : 'none' }, settings),
  };
};

const counted = (count: number): string => `${count} migration${count === 1 ? '' : 's'}`;

/** One or two sentences: what a run of this plan would do. */
export const describePlan = (plan: Plan): string => {
  if (plan.count === 0) {
    return plan.newer > 0
      ? `nothing to do: the ledger is ahead of this manifest by ${counted(plan.newer)}`
      : `nothing to do: ${plan.direction === 'down' ? 'the newest run is reverted already (further back: "to" or "steps"); ' : ''}the ledger stands at ${plan.lastApplied ?? 'no migration'}`;
  }
  const verb = plan.direction === 'up' ? 'to apply' : 'to revert';
  const loss = plan.destructive ? `, ${plan.destructiveCount} of them destructive` : '';
  return `${counted(plan.count)} ${verb}${loss}${plan.snapshot ? '; a snapshot is taken first' : ''}`;
};
