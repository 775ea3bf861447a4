import { LockkeeperError } from '../errors/index.ts';
import { type Changelog, type Manifest, type ManifestMigration, type Proof, proofOf } from '../migration/index.ts';
import { compileProject, type ReadOptions, readProofFile, readProject, writeProofFile } from '../project/index.ts';
import { claimedLocks, compareLocks, disagreementText, isUnderstated } from './locks/compare-locks.ts';
import type { Proven, Unproven } from './outcome.ts';
import { proofText, keptProof } from './proof-text.ts';
import { prove } from './prove.ts';
import type { ScratchServer } from './scratch-server.ts';

export interface ProveProjectOptions extends ReadOptions {
  /** Which migrations are of interest, as a rule the pending ones; all when absent. */
  readonly isWanted?: (migration: ManifestMigration) => boolean;
  /** Try again what has a grade already. */
  readonly again?: boolean;
  /** A server of the caller's, who closes it; a new one when absent. */
  readonly server?: ScratchServer;
  /** Aborted, it ends after the migration at hand; what was found until then is kept. */
  readonly signal?: AbortSignal;
  /** Called as each is done. */
  readonly onProof?: (proof: Proven | Unproven) => void;
}

export interface ProvedProject {
  readonly manifest: Manifest;
  /** What was tried now, in version order. A grade from an earlier time that still holds is not tried again unless it is `broken`. */
  readonly tried: readonly (Proven | Unproven)[];
  /** All grades that hold, as they stand in `lockkeeper.proof.json`. */
  readonly proofs: readonly Proof[];
  /** Locks and rewrites of which the analysis says too little, one line each: a fault of the analysis, not of the migration. */
  readonly surprises: readonly { readonly file: string; readonly text: string }[];
  /** `WayBackBroken` and `UpRefused`, one for each migration that must not pass; the message ends in the difference. */
  readonly findings: readonly LockkeeperError[];
}

/**
 * Proves the ways back of a project's migrations and keeps the grades in `lockkeeper.proof.json`.
 * @throws LockkeeperErrors what `compileProject` throws, and what `openPostgres` throws
 */
export const proveProject = async (
  directory: string,
  { isWanted = () => true, again = false, server, signal, onProof, ...reading }: ProveProjectOptions = {},
): Promise<ProvedProject> => {
  const manifest = await compileProject(directory, reading);
  const { migrationsDirectory, changelog } = readProject(directory, reading);
  const known = readProofFile(migrationsDirectory);
  const holding = manifest.migrations.flatMap((migration) => proofOf(known, migration) ?? []);
  const isOpen = ({ file }: ManifestMigration): boolean =>
    again || !holding.some((proof) => proof.file === file && proof.wayBack !== 'broken');
  const tried = await prove(manifest, {
    isWanted: (migration) => isWanted(migration) && isOpen(migration),
    ...(server && { server }),
    ...(signal && { signal }),
    ...(onProof && { onProof }),
  });
  const fresh = tried.flatMap((proof) => (proof.wayBack === null ? [] : [keptProof(proof)]));
  const proofs = [...holding.filter(({ file }) => !tried.some((proof) => proof.file === file)), ...fresh];
  if (tried.length > 0 || holding.length < known.length) writeProofFile(migrationsDirectory, proofs);
  return { manifest, tried, proofs, surprises: surprisesOf(tried, changelog), findings: tried.flatMap(findingOf) };
};

const findingOf = (proof: Proven | Unproven): readonly LockkeeperError[] => {
  const { file, wayBack } = proof;
  if (wayBack !== null && wayBack !== 'broken') return [];
  return [
    new LockkeeperError(wayBack === null ? 'UpRefused' : 'WayBackBroken', proofText(proof), { details: { file } }),
  ];
};

const surprisesOf = (tried: readonly (Proven | Unproven)[], { migrations }: Changelog): ProvedProject['surprises'] => {
  const claims = claimedLocks(migrations);
  return tried.flatMap((proof) => {
    const said = claims.get(proof.file);
    if (proof.wayBack === null || said === undefined) return [];
    return [...compareLocks(said.up, proof.up), ...compareLocks(said.down, proof.down)]
      .filter(isUnderstated)
      .map((each) => ({ file: proof.file, text: disagreementText(each) }));
  });
};
