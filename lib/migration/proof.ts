import { z } from 'zod';
import { LockkeeperError } from '../errors/index.ts';
import { canonicalText } from './checksum.ts';
import type { Manifest, ManifestMigration } from './manifest.ts';
import { errorAt } from './place.ts';
import { type WayBack, waysBack } from './way-back.ts';

/** Name of the list of grades beside the migrations, to be committed with them. */
export const proofFile = 'lockkeeper.proof.json';

const proofSchema = z.strictObject({
  file: z.string(),
  /** The migration's chain when it was tried: an edit of it, or of any migration before it, makes the grade void. */
  chain: z.string().regex(/^[0-9a-f]{64}$/),
  wayBack: z.enum(waysBack),
  /** What does not come back, or is not proven to: names and counts, no values. */
  notes: z.array(z.string()),
  /** Locks and rewrites of which the analysis says too little. */
  surprises: z.array(z.strictObject({ line: z.int(), text: z.string() })).default([]),
});

const proofFileSchema = z.strictObject({ format: z.literal(1), proofs: z.array(proofSchema) });

/** What trying a migration's way back has shown. */
export interface Proof {
  readonly file: string;
  readonly chain: string;
  readonly wayBack: WayBack;
  readonly notes: readonly string[];
  readonly surprises: readonly Surprise[];
}

/** What was seen of a lock while a migration was tried, and not foreseen. */
export interface Surprise {
  /** Of the statement in the migration file. */
  readonly line: number;
  readonly text: string;
}

/** The content of `lockkeeper.proof.json`: one proof a line, in the order of files, so that a merge touches few lines. */
export const renderProofs = (proofs: readonly Proof[]): string => {
  const lines = proofs
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, chain, wayBack, notes, surprises }) => {
      const kept = { file, chain, wayBack, notes, ...(surprises.length === 0 ? {} : { surprises }) };
      return `    ${JSON.stringify(kept)}`;
    });
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "format": 1,\n  "proofs": ${list}\n}\n`;
};

/** Reads `lockkeeper.proof.json`; null, an absent file, holds no proof. */
export const readProofs = (text: string | null): readonly Proof[] | LockkeeperError => {
  if (text === null) return [];
  let found: unknown;
  try {
    found = JSON.parse(canonicalText(text));
  } catch (cause) {
    return new LockkeeperError('ProofInvalid', `${proofFile}: not JSON`, { cause, details: { file: proofFile } });
  }
  const parsed = proofFileSchema.safeParse(found);
  if (parsed.success) return parsed.data.proofs;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the file';
  return errorAt('ProofInvalid', { file: proofFile }, `${where}: ${issue?.message ?? 'not a list of proofs'}`);
};

/** The proof that holds for a migration as it is now; null when there is none. */
export const proofOf = (
  proofs: readonly Proof[],
  { file, chain }: Pick<ManifestMigration, 'file' | 'chain'>,
): Proof | null => proofs.find((proof) => proof.file === file && proof.chain === chain) ?? null;

/** Proofs that do not hold any more: the migration, or one before it, was edited since, or is gone. */
export const staleProofs = (
  proofs: readonly Proof[],
  migrations: readonly Pick<ManifestMigration, 'file' | 'chain'>[],
): readonly Proof[] => {
  const chains = new Map(migrations.map(({ file, chain }) => [file, chain]));
  return proofs.filter(({ file, chain }) => chains.get(file) !== chain);
};

/** The manifest with the grades that hold for it. They are no part of its root: a grade changes nothing that runs. */
export const withWaysBack = (manifest: Manifest, proofs: readonly Proof[]): Manifest =>
  Object.assign({}, manifest, {
    migrations: manifest.migrations.map((migration) => {
      const proof = proofOf(proofs, migration);
      return proof === null ? migration : Object.assign({}, migration, { wayBack: proof.wayBack });
    }),
  });
