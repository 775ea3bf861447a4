import type { MigrationFacts } from './section-facts.ts';
import type { RunSettings } from './settings.ts';
import type { WayBack } from './way-back.ts';

/**
 * What a statement destroys. `recoverable`: the down gives it back whole. `data`: rows or values are gone.
 * `unknown` is treated as `data` by everything that acts.
 */
export type Loss = 'none' | 'recoverable' | 'data' | 'unknown';

/** A name as the parser read it: already unquoted; `schema` null when the statement did not qualify it. */
export interface QualifiedName {
  readonly schema: string | null;
  readonly name: string;
}

/** How the catalogue tells whether a statement outside a transaction is done. */
export type Judge =
  | { readonly by: 'index-valid'; readonly table: QualifiedName; readonly index: string }
  | { readonly by: 'index-absent'; readonly index: QualifiedName }
  | { readonly by: 'partition-detached'; readonly table: QualifiedName; readonly partition: QualifiedName }
  /** Safe to run again from the start: VACUUM, ANALYZE, REINDEX CONCURRENTLY. */
  | { readonly by: 'repeat' };

export interface ManifestStatement {
  /** The statement as written, without its final semicolon. */
  readonly sql: string;
  /** Line in the migration file where it begins, from 1. */
  readonly line: number;
  /** What it is in SQL's words, e.g. `CREATE INDEX CONCURRENTLY`, `ALTER TABLE DROP COLUMN`. */
  readonly kind: string;
  /** Whether PostgreSQL lets it run inside a transaction block. */
  readonly transactional: boolean;
  readonly loss: Loss;
  /** Present exactly when `transactional` is false. */
  readonly judge?: Judge;
}

export interface ManifestSection {
  /** False for `transaction:false`: its statements run one by one, each a unit of its own. */
  readonly transactional: boolean;
  readonly statements: readonly ManifestStatement[];
}

export interface ManifestMigration {
  /** 14 digits, UTC; compared by code unit. */
  readonly version: string;
  /** The description in the file name, `add-user-email-index`. */
  readonly name: string;
  readonly file: string;
  /** SHA-256 of the file's text (line ends as LF), 64 hex digits. */
  readonly checksum: string;
  /** SHA-256 over the previous migration's chain, the file name and the checksum; a value covers all before it. */
  readonly chain: string;
  readonly up: ManifestSection;
  /** Null when `irreversible` tells what a person does instead. */
  readonly down: ManifestSection | null;
  readonly irreversible: string | null;
  /** Queries that must each answer a single true, inside the migration's own transaction. */
  readonly verify: readonly { readonly sql: string; readonly line: number }[];
  readonly phase: 'expand' | 'backfill' | 'contract' | null;
  readonly change: string | null;
  readonly flag: string | null;
  /** What the analysis foresees, for plans to tell; it is neither stored in the ledger nor part of a digest. */
  readonly facts?: MigrationFacts;
  /** What `check --prove` found of the way back; absent when it was not tried since the last edit of this or of a migration before it. */
  readonly wayBack?: WayBack;
}

/** Everything a run needs, compiled from the changelog and `lockkeeper.json`. */
export interface Manifest {
  readonly format: 1;
  /**
   * SHA-256 over the settings and the last chain, and so over every file: two stages with one root run the same thing. Facts and grades
   * are told of what runs and change nothing of it, so that they are left out; a better analysis or another proof keeps the root.
   */
  readonly root: string;
  readonly settings: RunSettings;
  /** In version order. */
  readonly migrations: readonly ManifestMigration[];
}

/** The worst loss among statements, in the order none < recoverable < unknown < data. */
export const worstLoss = (statements: readonly { readonly loss: Loss }[]): Loss => {
  const order: readonly Loss[] = ['none', 'recoverable', 'unknown', 'data'];
  return statements.reduce<Loss>(
    (worst, { loss }) => (order.indexOf(loss) > order.indexOf(worst) ? loss : worst),
    'none',
  );
};

/** What asks for a snapshot and, by policy, an approval. */
export const isDestructive = (loss: Loss): boolean => loss === 'data' || loss === 'unknown';
