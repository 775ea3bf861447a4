import { LockkeeperError } from '../errors/index.ts';
import type { Difference, EntryState, Standing } from '../ledger/standing.ts';
import type { Manifest, ManifestMigration } from '../migration/manifest.ts';

/** A migration that waits to be applied, and the revision of its ledger row (0: no row). */
export interface PendingMigration {
  readonly migration: ManifestMigration;
  readonly revision: number;
  /** `applying`: half done outside a transaction. */
  readonly state: Exclude<EntryState, 'applied' | 'reverting'> | 'absent';
}

export interface MigratePlan {
  readonly pending: readonly PendingMigration[];
  /** Entries in the ledger after the manifest's last version: the manifest is behind. */
  readonly newer: number;
}

const refuseUnknown = ({ version, name }: Difference): LockkeeperError =>
  new LockkeeperError(
    'MigrationMissing',
    `migration ${version}${name === null ? '' : `-${name}`} is in the ledger but not in the changelog`,
    { details: { version } },
  );

const refuseKnown = (
  migration: ManifestMigration,
  difference: Difference,
  lastApplied: string | null,
): LockkeeperError | undefined => {
  const { file, checksum, version } = migration;
  const { state } = difference;
  const details = { version, file };
  if ((state === 'applied' || state === 'applying') && difference.checksum !== checksum) {
    return new LockkeeperError(
      'MigrationAltered',
      `${file} was edited after ${state === 'applied' ? 'it was applied' : 'a run had begun it'}: the ledger has checksum ${difference.checksum?.slice(0, 12)}, the file ${checksum.slice(0, 12)}`,
      { details },
    );
  }
  if (state === 'reverting') {
    return new LockkeeperError(
      'RollbackUnfinished',
      `${file} is half-way back: a rollback began to revert it and did not end`,
      { details },
    );
  }
  if ((state === 'absent' || state === 'reverted') && lastApplied !== null && version < lastApplied) {
    return new LockkeeperError('MigrationLate', `${file} comes too late: the ledger already stands at ${lastApplied}`, {
      details,
    });
  }
  return undefined;
};

/**
 * What is pending, in version order, or everything that speaks against a run.
 * `until`: the last version to apply; null for all.
 */
export const migratePlan = (
  manifest: Manifest,
  standing: Standing,
  until: string | null,
): MigratePlan | readonly [LockkeeperError, ...LockkeeperError[]] => {
  const known = new Map(manifest.migrations.map((migration) => [migration.version, migration]));
  const lastKnown = manifest.migrations.at(-1)?.version ?? '';
  const differences = new Map(standing.differences.map((difference) => [difference.version, difference]));
  const unknown = standing.differences.filter(({ version, state }) => !known.has(version) && state !== 'reverted');
  const findings = unknown.filter(({ version }) => version < lastKnown).map(refuseUnknown);
  for (const [version, difference] of differences) {
    const migration = known.get(version);
    const finding = migration && refuseKnown(migration, difference, standing.lastApplied);
    if (finding) findings.push(finding);
  }
  const [first, ...rest] = findings.toSorted((a, b) =>
    String(a.details.version) < String(b.details.version) ? -1 : 1,
  );
  if (first) return [first, ...rest];
  const pending = manifest.migrations.flatMap((migration) => {
    const difference = differences.get(migration.version);
    if (!difference || (until !== null && migration.version > until)) return [];
    const { state, revision } = difference;
    // `reverting` was refused above
    return state === 'applied' || state === 'reverting' ? [] : [{ migration, revision, state }];
  });
  return { pending, newer: unknown.filter(({ version }) => version > lastKnown).length };
};
