import type { AppliedEntry, EntryState, SnapshotRecord } from '../ledger/standing.ts';
import { isDestructive, type Loss, worstLoss } from '../migration/manifest.ts';
import type { RunSettings } from '../migration/settings.ts';
import type { PendingMigration } from './migrate-plan.ts';
import type { ActionOutput } from './actions.ts';

/** One migration of a plan, whichever way it goes: what a step is decided from. */
export interface Move {
  readonly version: string;
  readonly revision: number;
  readonly transactional: boolean;
  readonly loss: Loss;
  /** What travels in the request, in bytes; asked only of what may go into the next call. */
  readonly bytes: () => number;
  readonly state: EntryState | 'absent';
}

export const moveUp = ({ migration, revision, state }: PendingMigration): Move => ({
  version: migration.version,
  revision,
  transactional: migration.up.transactional,
  loss: worstLoss(migration.up.statements),
  bytes: () => new TextEncoder().encode(JSON.stringify(JSON.stringify(migration))).length,
  state,
});

/** A down that was stored; entries without one are refused before (`MigrationIrreversible`). */
export const moveDown = ({ version, revision, down, state }: AppliedEntry): Move => ({
  version,
  revision,
  transactional: down?.transactional ?? true,
  loss: down?.loss ?? 'none',
  bytes: () => 40,
  state,
});

const batchCount = 500;
/** A request may hold 4 MiB, headers included (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.limitations.html). */
const batchBytes = 3_900_000;

/** The snapshot that has to exist before a move: `run` for the run's one, the version for its own; null when none is asked for. */
const snapshotBefore = (move: Pick<Move, 'version' | 'loss'>, settings: RunSettings): 'run' | string | null => {
  if (settings.snapshot === 'never') return null;
  if (settings.snapshot === 'destructive' && !isDestructive(move.loss)) return null;
  return settings.snapshotScope === 'run' ? 'run' : move.version;
};

/** Whether a move asks for a snapshot. */
export const asksSnapshot = (move: Pick<Move, 'version' | 'loss'>, settings: RunSettings): boolean =>
  snapshotBefore(move, settings) !== null;

type Step =
  Exclude<ActionOutput<'next'>, { kind: 'snapshot' }> | { readonly kind: 'snapshot'; readonly version: string | null };

/**
 * What comes next of the moves that are left, in order: a snapshot that is still missing, a list for one call, one alone, or nothing.
 * A batch ends before a move that asks for a snapshot which does not exist yet.
 */
export const nextStep = (moves: readonly Move[], snapshots: readonly SnapshotRecord[], settings: RunSettings): Step => {
  const taken = new Set<string>(snapshots.map(({ version }) => version ?? 'run'));
  const lacks = (move: Move): boolean => {
    const wanted = snapshotBefore(move, settings);
    return wanted !== null && !taken.has(wanted);
  };
  const [first] = moves;
  if (!first) return { kind: 'done' };
  if (lacks(first)) return { kind: 'snapshot', version: settings.snapshotScope === 'run' ? null : first.version };
  if (!first.transactional) return { kind: 'alone', migration: { version: first.version, revision: first.revision } };
  const migrations: { version: string; revision: number }[] = [];
  let bytes = 0;
  for (const move of moves) {
    bytes += move.bytes();
    const full = migrations.length === batchCount || (migrations.length > 0 && bytes > batchBytes);
    if (full || !move.transactional || lacks(move)) break;
    migrations.push({ version: move.version, revision: move.revision });
  }
  return { kind: 'batch', migrations };
};
