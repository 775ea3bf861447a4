import { LockkeeperError } from '../errors/index.ts';
import { errorAt, proofFile, staleProofs } from '../migration/index.ts';
import { type Project, readProofFile } from '../project/index.ts';
import { counted } from './wording.ts';

interface ProofProblems {
  readonly errors: readonly LockkeeperError[];
  readonly warnings: readonly LockkeeperError[];
}

/** What is wrong with the grades beside the migrations: a list that cannot be read, or grades of another text than stands there now. */
export const proofProblems = (
  { migrationsDirectory, changelog }: Project,
  isJudged: (file: string) => boolean = () => true,
): ProofProblems => {
  let proofs;
  try {
    proofs = readProofFile(migrationsDirectory);
  } catch (error) {
    if (!(error instanceof LockkeeperError)) throw error;
    return { errors: [error], warnings: [] };
  }
  const stale = new Set(staleProofs(proofs, changelog.migrations).map(({ file }) => file));
  const gone = [...stale].filter((name) => changelog.migrations.every(({ file }) => file !== name));
  // each edit voids the grades of all behind it: one word for them
  const [first, ...later] = changelog.migrations.filter(({ file }) => stale.has(file) && isJudged(file));
  const more = later.length === 0 ? '' : ` (and ${counted(later.length, 'grade')} behind it)`;
  return {
    errors: [],
    warnings: [
      ...(first === undefined
        ? []
        : [
            errorAt(
              'ProofStale',
              { file: first.file, line: 1 },
              `its way back was proven of another text: this migration, or one before it, was edited since${more}`,
            ),
          ]),
      ...gone.map((name) =>
        errorAt('ProofStale', { file: proofFile, line: 1 }, `holds a grade of ${name}, which is not there`),
      ),
    ],
  };
};
