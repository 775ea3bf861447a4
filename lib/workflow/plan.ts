import type { ManifestMigration, ManifestSection } from '../migration/manifest.ts';
import type { SectionFacts } from '../migration/section-facts.ts';
import type { RunSettings } from '../migration/settings.ts';
import type { AppliedEntry } from '../ledger/standing.ts';
import type { Plan, PlannedFacts, PlanStep } from './actions.ts';
import type { PendingMigration } from './migrate-plan.ts';
import { waits } from './plan-words.ts';
import { asksSnapshot, type Move, moveDown, moveUp } from './steps.ts';
import { isStoredDown } from './stored-down.ts';

const stepsShown = 100;
const kindsShown = 5;
/** Half of what a state may hand on: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const stepsBytes = 128 * 1024;

const kinds = ({ statements }: ManifestSection): string[] =>
  [...new Set(statements.map(({ kind }) => kind))].slice(0, kindsShown);

const planned = (facts: SectionFacts | null | undefined): PlannedFacts | null =>
  facts
    ? Object.assign({}, facts, { locks: facts.locks.map((lock) => Object.assign({}, lock, { waits: waits(lock) })) })
    : null;

const step = (
  move: Move,
  settings: RunSettings,
  rest: Pick<PlanStep, 'name' | 'statements' | 'does' | 'facts' | 'wayBack'>,
): PlanStep => ({
  version: move.version,
  kind: move.transactional ? 'batch' : 'alone',
  loss: move.loss,
  snapshot: asksSnapshot(move, settings),
  ...rest,
});

const wayBackOf = ({ wayBack, down }: ManifestMigration): PlanStep['wayBack'] =>
  wayBack ?? (down === null ? 'documented' : null);

export const stepUp = (pending: PendingMigration, settings: RunSettings): PlanStep => {
  const { migration } = pending;
  return step(moveUp(pending), settings, {
    name: migration.name,
    statements: migration.up.statements.length,
    does: kinds(migration.up),
    facts: planned(migration.facts?.up),
    wayBack: wayBackOf(migration),
  });
};

/** `known` is the migration of that version in the manifest, which counts where its down is the one that the ledger holds. */
export const stepDown = (
  entry: AppliedEntry,
  settings: RunSettings,
  known: ManifestMigration | undefined,
): PlanStep => {
  const same = known !== undefined && isStoredDown(entry, known) ? known : null;
  return step(moveDown(entry), settings, {
    name: entry.name,
    statements: entry.down?.statements ?? 0,
    does: same?.down ? kinds(same.down) : [],
    facts: planned(same?.facts?.down),
    wayBack: same === null ? null : wayBackOf(same),
  });
};

/** The first steps, as many as can travel. */
const shownSteps = (steps: readonly PlanStep[]): PlanStep[] => {
  let bytes = 0;
  const end = steps.findIndex((each, at) => {
    bytes += new TextEncoder().encode(JSON.stringify(each)).byteLength;
    return at === stepsShown || (at > 0 && bytes > stepsBytes);
  });
  return steps.slice(0, end === -1 ? steps.length : end);
};

/** One snapshot for the run is taken once: before the first step that asks for it. */
const whereTaken = (steps: readonly PlanStep[], { snapshotScope }: RunSettings): readonly PlanStep[] => {
  const first = snapshotScope === 'run' ? steps.findIndex(({ snapshot }) => snapshot) : -1;
  return first === -1
    ? steps
    : steps.map((each, at) => (at > first && each.snapshot ? Object.assign({}, each, { snapshot: false }) : each));
};

/** The plan as a person reads it and approves it: the first steps one by one, and totals over all `count`, of which `steps` may be the first only. */
export const planOf = (
  steps: readonly PlanStep[],
  settings: RunSettings,
  rest: Omit<Plan, 'steps' | 'destructive' | 'snapshot' | 'approval'>,
): Plan => {
  const { count, destructiveCount } = rest;
  const destructive = destructiveCount > 0;
  return {
    ...rest,
    steps: shownSteps(whereTaken(steps, settings)),
    destructive,
    snapshot: count > 0 && asksSnapshot({ version: '', loss: destructive ? 'data' : 'none' }, settings),
    approval: count > 0 && (settings.approval === 'always' || (settings.approval === 'destructive' && destructive)),
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
