import type { Manifest, ManifestMigration } from '../migration/index.ts';
import type { Proven, Unproven } from './outcome.ts';
import { proveMigration, raise } from './prove-migration.ts';
import { openScratchServer, type ScratchServer } from './scratch-server.ts';

export interface ProveOptions {
  /** Which migrations are tried; all others only lay the ground for those behind them. */
  readonly isWanted: (migration: ManifestMigration) => boolean;
  /** What the first migration finds, e.g. extensions that a cluster brings. */
  readonly prepare?: string;
  /** Called as each is done, in version order. */
  readonly onProof?: (proof: Proven | Unproven) => void;
}

/**
 * Tries the wanted migrations of a manifest on a PostgreSQL server of its own: each goes up, down and up again on the schema that all
 * before it make. It ends at the first migration whose up does not run; those behind it are not answered.
 * @throws LockkeeperError what `openPostgres` throws
 */
export const prove = async (
  manifest: Manifest,
  { isWanted, prepare, onProof }: ProveOptions,
): Promise<readonly (Proven | Unproven)[]> => {
  const last = manifest.migrations.findLastIndex(isWanted);
  if (last === -1) return [];
  const server = await openScratchServer();
  try {
    const bench = await benchOf(server, manifest.settings.ledgerSchema, prepare);
    const proofs: (Proven | Unproven)[] = [];
    for (const migration of manifest.migrations.slice(0, last + 1)) {
      const proof = isWanted(migration) ? await proveMigration(bench, migration) : await raised(bench, migration);
      if (proof === null) continue;
      proofs.push(proof);
      onProof?.(proof);
      if (proof.wayBack === null) break;
    }
    return proofs;
  } finally {
    await server.close();
  }
};

const benchOf = async (server: ScratchServer, ledgerSchema: string, prepare: string | undefined) => {
  const trunk = await server.create();
  if (prepare !== undefined) {
    const client = await trunk.connect();
    await client.query(prepare);
  }
  return { server, trunk, ledgerSchema };
};

const raised = async (bench: Parameters<typeof raise>[0], migration: ManifestMigration): Promise<Unproven | null> => {
  const { version, file, chain } = migration;
  const { refusal } = await raise(bench, migration);
  return refusal === null ? null : { version, file, chain, wayBack: null, refusal };
};
