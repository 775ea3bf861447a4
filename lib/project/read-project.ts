import { resolve } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';
import {
  type Changelog,
  type FileName,
  parseFileName,
  readChangelog,
  type RunSettings,
  throwFindings,
  verifySum,
} from '../migration/index.ts';
import { readMigrationFiles, readTextFile } from './migration-files.ts';
import { type ProjectFile, projectFile, readProjectFile } from './project-file.ts';

/** Migrations and settings as they lie on disk. */
export interface Project {
  /** Where `lockkeeper.json` is or would be, absolute. */
  readonly directory: string;
  /** Absolute. */
  readonly migrationsDirectory: string;
  readonly settings: RunSettings;
  readonly rules: ProjectFile['rules'];
  readonly stages: readonly string[];
  readonly changelog: Changelog;
}

export interface ReadOptions {
  /** A stage of `lockkeeper.json`, whose settings replace the common ones. */
  readonly stage?: string | undefined;
  /** The directory of the migrations, instead of the one in `lockkeeper.json`; relative to the project's. */
  readonly migrations?: string | undefined;
  /** Do not compare with `lockkeeper.sum`: for whoever is about to write it. */
  readonly ignoreSum?: boolean | undefined;
}

/** A project whose files are not all right. */
export interface LoadedProject {
  readonly project: Project;
  /** Every file whose name is a migration's, readable or not, in the order of names. */
  readonly names: readonly FileName[];
  /** Content of `lockkeeper.sum`; null when absent. */
  readonly sum: string | null;
  readonly findings: readonly LockkeeperError[];
}

/**
 * Where a project keeps its migrations, and its settings.
 * @throws LockkeeperError `SettingsInvalid`, `FileUnreadable`
 */
export const readSettings = (directory: string, options: ReadOptions = {}): Omit<Project, 'changelog'> => {
  const root = resolve(directory);
  const text = readTextFile(resolve(root, projectFile), projectFile);
  if (text instanceof LockkeeperError) throw text;
  const { migrations, settings, rules, stages } = readProjectFile(text, options.stage);
  return {
    directory: root,
    migrationsDirectory: resolve(root, options.migrations ?? migrations),
    settings,
    rules,
    stages,
  };
};

/** Reads settings and migrations; what is wrong with the migrations is in `findings`. */
export const loadProject = (directory: string, options: ReadOptions = {}): LoadedProject => {
  const place = readSettings(directory, options);
  const { files, sum, findings: fileFindings } = readMigrationFiles(place.migrationsDirectory);
  const { changelog, findings } = readChangelog(files);
  const names = files
    .map(({ file }) => parseFileName(file))
    .filter((name): name is FileName => !(name instanceof LockkeeperError))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
  return { project: { ...place, changelog }, names, sum, findings: [...fileFindings, ...findings] };
};

/**
 * Reads `lockkeeper.json`, the migrations and `lockkeeper.sum`. Nothing is written.
 * @throws LockkeeperErrors with everything that is wrong with the files, all found together
 */
export const readProject = (directory: string, options: ReadOptions = {}): Project => {
  const { project, sum, findings } = loadProject(directory, options);
  // a file that cannot be read is no edit: the sum is compared once all can be
  throwFindings(findings.length > 0 || options.ignoreSum === true ? findings : verifySum(project.changelog, sum));
  return project;
};
