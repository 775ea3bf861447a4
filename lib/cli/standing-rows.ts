import type { Difference, Standing } from '../ledger/standing.ts';
import type { Manifest, ManifestMigration } from '../migration/manifest.ts';
import type { MigrationState, StatusRow } from './line.ts';

const stateOfKnown = (
  { version, checksum }: ManifestMigration,
  difference: Difference | undefined,
  lastApplied: string | null,
): MigrationState => {
  if (difference === undefined) return 'applied';
  const isWaiting = difference.state === 'absent' || difference.state === 'reverted';
  if (isWaiting && lastApplied !== null && version < lastApplied) return 'late';
  if (difference.state === 'absent') return 'pending';
  if (difference.state === 'reverted' || difference.state === 'reverting') return difference.state;
  if (difference.checksum !== checksum) return 'altered';
  return difference.state;
};

/**
 * Where every migration of changelog and ledger stands, in version order. An entry that was reverted and whose file is gone is history,
 * and not shown; a reverted one whose file is there is pending under the name `reverted`.
 */
export const standingRows = ({ migrations }: Pick<Manifest, 'migrations'>, standing: Standing): StatusRow[] => {
  const differences = new Map(standing.differences.map((each) => [each.version, each]));
  const known = new Set(migrations.map(({ version }) => version));
  const lastKnown = migrations.at(-1)?.version ?? '';
  const unknown = standing.differences
    .filter(({ version, state }) => !known.has(version) && state !== 'reverted')
    .map(({ version, name }): StatusRow => ({
      version,
      name: name ?? '',
      state: version > lastKnown ? 'newer' : 'missing',
    }));
  const rows = migrations.map((migration): StatusRow => ({
    version: migration.version,
    name: migration.name,
    state: stateOfKnown(migration, differences.get(migration.version), standing.lastApplied),
  }));
  return [...rows, ...unknown].toSorted((a, b) => (a.version < b.version ? -1 : 1));
};
