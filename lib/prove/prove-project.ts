import type { LockkeeperError } from '../errors/index.ts';
import {
  type Changelog,
  errorAt,
  type Manifest,
  type ManifestMigration,
  type Proof,
  proofOf,
  type Surprise,
} from '../migration/index.ts';
import { compileProject, type ReadOptions, readProofFile, readProject, writeProofFile } from '../project/index.ts';
import { claimedLocks, compareLocks, disagreementText, isUnderstated, lineOf } from './locks/compare-locks.ts';
import type { Proven, Unproven } from './outcome.ts';
import { faultText, keptProof, proofReasons } from './proof-text.ts';
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
  /** Called first, with the grades that hold of what is wanted and is not tried again. */
  readonly onKnown?: (proof: Proof) => void;
  /** Called as each is done. */
  readonly onProof?: (proof: Proven | Unproven) => void;
}

export interface ProvedProject {
  readonly manifest: Manifest;
  /** What was tried now, in version order. A grade from an earlier time that still holds is not tried again unless it is `broken`. */
  readonly tried: readonly (Proven | Unproven)[];
  /** All grades that hold, as they stand in `lockkeeper.proof.json`. */
  readonly proofs: readonly Proof[];
  /** `LockUnforeseen`, of all that are wanted: locks and rewrites of which the analysis says too little, no fault of the migration. */
  readonly surprises: readonly LockkeeperError[];
  /** `WayBackBroken` and `UpRefused`, one for each migration that must not pass; the message ends in the difference. */
  readonly findings: readonly LockkeeperError[];
}

/**
 * Proves the ways back of a project's migrations and keeps the grades in `lockkeeper.proof.json`.
 * @throws LockkeeperErrors what `compileProject` throws, and what `openPostgres` throws
 */
export const proveProject = async (
  directory: string,
  { isWanted = () => true, again = false, server, signal, onKnown, onProof, ...reading }: ProveProjectOptions = {},
): Promise<ProvedProject> => {
  const manifest = await compileProject(directory, reading);
  const { migrationsDirectory, changelog } = readProject(directory, reading);
  const known = readProofFile(migrationsDirectory);
  const holding = manifest.migrations.flatMap((migration) => proofOf(known, migration) ?? []);
  const isOpen = ({ file }: ManifestMigration): boolean =>
    again || !holding.some((proof) => proof.file === file && proof.wayBack !== 'broken');
  const isWantedFile = new Set(manifest.migrations.filter(isWanted).map(({ file }) => file));
  for (const proof of holding)
    if (isWantedFile.has(proof.file) && manifest.migrations.every((each) => each.file !== proof.file || !isOpen(each)))
      onKnown?.(proof);
  const tried = await prove(manifest, {
    isWanted: (migration) => isWanted(migration) && isOpen(migration),
    ...(server && { server }),
    ...(signal && { signal }),
    ...(onProof && { onProof }),
  });
  const surprising = surprisesOf(changelog);
  const fresh = tried.flatMap((proof) => (proof.wayBack === null ? [] : [keptProof(proof, surprising(proof))]));
  const proofs = [...holding.filter(({ file }) => !tried.some((proof) => proof.file === file)), ...fresh];
  if (tried.length > 0 || holding.length < known.length) writeProofFile(migrationsDirectory, proofs);
  const surprises = proofs.filter(({ file }) => isWantedFile.has(file)).flatMap(unforeseen);
  const downLines = new Map(manifest.migrations.map(({ file, down }) => [file, down?.statements[0]?.line ?? 1]));
  const findings = tried.flatMap((proof) => findingOf(proof, downLines.get(proof.file) ?? 1));
  return { manifest, tried, proofs, surprises, findings };
};

const findingOf = (proof: Proven | Unproven, downLine: number): readonly LockkeeperError[] => {
  const { file } = proof;
  if (proof.wayBack === null)
    return [errorAt('UpRefused', { file, line: proof.refusal.line }, proofReasons(proof).join('\n'))];
  // what else was noticed is of no interest as long as the schema does not come back
  const faults = proof.faults.map(faultText).join('\n');
  return proof.wayBack === 'broken' ? [errorAt('WayBackBroken', { file, line: downLine }, faults)] : [];
};

const unforeseen = ({ file, surprises }: Proof): readonly LockkeeperError[] =>
  surprises.map(({ line, text }) => errorAt('LockUnforeseen', { file, line }, text));

/** What was seen of locks in a trial and not foreseen. */
const surprisesOf = ({ migrations }: Changelog): ((proof: Proven) => readonly Surprise[]) => {
  const claims = claimedLocks(migrations);
  return ({ file, up, down }) => {
    const said = claims.get(file);
    if (said === undefined) return [];
    return (['up', 'down'] as const).flatMap((section) => {
      const observed = section === 'up' ? up : down;
      return compareLocks(said[section], observed)
        .filter(isUnderstated)
        .map((each) => ({ line: lineOf(each, observed) ?? 1, text: disagreementText(each) }));
    });
  };
};
