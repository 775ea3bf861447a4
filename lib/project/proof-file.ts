import { join } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';
import { type Proof, proofFile, readProofs, renderProofs } from '../migration/index.ts';
import { readTextFile } from './migration-files.ts';
import { writeWhole } from './write-file.ts';

/**
 * The proofs that lie beside the migrations, those that hold and those that do not any more.
 * @throws LockkeeperError `ProofInvalid`, `FileUnreadable`
 */
export const readProofFile = (migrationsDirectory: string): readonly Proof[] => {
  const text = readTextFile(join(migrationsDirectory, proofFile), proofFile);
  const proofs = text instanceof LockkeeperError ? text : readProofs(text);
  if (proofs instanceof LockkeeperError) throw proofs;
  return proofs;
};

/** Writes the proofs whole and answers the file's path. @throws LockkeeperError `DiskFull`, `DirectoryUnusable` */
export const writeProofFile = (migrationsDirectory: string, proofs: readonly Proof[]): string => {
  const path = join(migrationsDirectory, proofFile);
  writeWhole(path, renderProofs(proofs));
  return path;
};
