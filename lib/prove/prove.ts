import type { Manifest, ManifestMigration } from '../migration/index.ts';
import type { Proven, Unproven } from './outcome.ts';
import { type Bench, proveMigration, raise } from './prove-migration.ts';
import { openScratchServer, type ScratchServer } from './scratch-server.ts';
import { readServerObjects, restoreServerObjects } from './server-objects.ts';

export interface ProveOptions {
  /** Which migrations are tried; all others only lay the ground for those behind them. */
  readonly isWanted: (migration: ManifestMigration) => boolean;
  /** What the first migration finds, e.g. extensions that a cluster brings. */
  readonly prepare?: string;
  /** A server of the caller's, who closes it; a new one when absent. */
  readonly server?: ScratchServer;
  /** Aborted, it ends after the migration at hand. */
  readonly signal?: AbortSignal;
  /** Called as each is done, in version order. */
  readonly onProof?: (proof: Proven | Unproven) => void;
}

/**
 * Tries the wanted migrations of a manifest on a PostgreSQL server of its own: each goes up, down and up again on the schema that all
 * before it make. It ends at the first migration whose up does not run; those behind it are not answered.
 * @throws LockkeeperError what `openPostgres` throws
 */
export const prove = async (manifest: Manifest, options: ProveOptions): Promise<readonly (Proven | Unproven)[]> => {
  const last = manifest.migrations.findLastIndex(options.isWanted);
  const { prepare } = options;
  if (last === -1) return [];
  const server = options.server ?? (await openScratchServer());
  try {
    const before = await readServerObjects(server.admin);
    const trunk = await server.create();
    try {
      if (prepare !== undefined) await trunk.use((client) => client.query(prepare));
      const bench = { server, trunk, ledgerSchema: manifest.settings.ledgerSchema };
      return await proveAll(bench, manifest.migrations.slice(0, last + 1), options);
    } finally {
      await trunk.drop();
      await restoreServerObjects(server.admin, before);
    }
  } finally {
    if (options.server === undefined) await server.close();
  }
};

const proveAll = async (
  bench: Bench,
  migrations: readonly ManifestMigration[],
  { isWanted, signal, onProof }: ProveOptions,
): Promise<readonly (Proven | Unproven)[]> => {
  const proofs: (Proven | Unproven)[] = [];
  for (const migration of migrations) {
    if (signal?.aborted === true) break;
    const proof = isWanted(migration) ? await proveMigration(bench, migration) : await raised(bench, migration);
    if (proof === null) continue;
    proofs.push(proof);
    onProof?.(proof);
    if (proof.wayBack === null) break;
  }
  return proofs;
};

const raised = async (bench: Bench, migration: ManifestMigration): Promise<Unproven | null> => {
  const { version, file, chain } = migration;
  const { refusal } = await raise(bench, migration);
  return refusal === null ? null : { version, file, chain, wayBack: null, refusal };
};
