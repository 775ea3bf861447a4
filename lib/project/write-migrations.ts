import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';
import {
  fileNameOf,
  nextVersion,
  planRebase,
  renderSum,
  type Renaming,
  slugOf,
  sumFile,
  throwFindings,
} from '../migration/index.ts';
import { loadProject, type ReadOptions, readProject, readSettings } from './read-project.ts';
import { makeDirectory, writeWhole } from './write-file.ts';

/** A version from an instant. */
export const versionAt = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\D/g, '').slice(0, 14);

/**
 * Writes `lockkeeper.sum` from the files as they are and answers its path.
 * @throws LockkeeperErrors when a file is not a migration; `lockkeeper.sum` is then left alone
 */
export const writeSum = (directory: string, options: ReadOptions = {}): string => {
  const { migrationsDirectory, changelog } = readProject(directory, { ...options, ignoreSum: true });
  const path = join(migrationsDirectory, sumFile);
  writeWhole(path, renderSum(changelog));
  return path;
};

const skeleton = `-- migrate:up


-- migrate:down

`;

export interface CreateOptions extends ReadOptions {
  readonly nowEpochMs: number;
}

/**
 * Writes an empty migration with both sections and answers its path. It is not complete, so `lockkeeper.sum` waits for its SQL.
 * The version is now, or a second after the last migration if that lies in the future.
 * @throws LockkeeperError `MigrationNameInvalid`
 */
export const createMigration = (directory: string, description: string, options: CreateOptions): string => {
  const name = slugOf(description);
  if (name === '')
    throw new LockkeeperError(
      'MigrationNameInvalid',
      `the description ${JSON.stringify(description)} has no letter or digit, expected for example "add user email"`,
    );
  const { migrationsDirectory } = readSettings(directory, options);
  makeDirectory(migrationsDirectory);
  const last = loadProject(directory, options).names.at(-1)?.version ?? '';
  const now = versionAt(options.nowEpochMs);
  const path = join(migrationsDirectory, fileNameOf(now > last ? now : nextVersion(last), name));
  writeWhole(path, skeleton);
  return path;
};

export interface RebaseOptions extends CreateOptions {
  /** Applied migrations, from the ledger. */
  readonly applied: readonly { readonly version: string; readonly name: string }[];
}

/**
 * Gives pending migrations that came too late, or share a version, new timestamps, writes `lockkeeper.sum`, and answers what was renamed.
 * @throws LockkeeperErrors when a file is not a migration; nothing is then renamed
 */
export const rebase = (directory: string, options: RebaseOptions): readonly Renaming[] => {
  const { applied, nowEpochMs, ...reading } = options;
  const { project, names, findings } = loadProject(directory, reading);
  throwFindings(findings.filter(({ code }) => code !== 'VersionDuplicate'));
  const renamings = planRebase(names, applied, versionAt(nowEpochMs));
  const path = (file: string): string => join(project.migrationsDirectory, file);
  // a new name may be the old name of another: that one goes first; the order is kept, so there is no circle
  const left = [...renamings];
  while (left.length > 0) {
    const free = left.findIndex(({ to }) => !existsSync(path(to)));
    const [next] = left.splice(free, 1);
    if (free === -1 || next === undefined)
      throw new LockkeeperError('VersionDuplicate', `a file named ${left[0]?.to ?? ''} is in the way`);
    renameSync(path(next.from), path(next.to));
  }
  if (renamings.length > 0) writeSum(directory, reading);
  return renamings;
};
