import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { bareScript, type Script } from '../analysis/index.ts';
import { LockkeeperError } from '../errors/index.ts';
import { commentsOf, errorAt, parseMigration, readMarker } from '../migration/index.ts';
import { listSqlFiles, readTextFile, textOfBytes } from '../project/index.ts';

/** What the files named on the command line are. */
export interface CheckInput {
  /** Names of migrations of the project; null for all of them. */
  readonly migrations: ReadonlySet<string> | null;
  /** Files that are not the project's, in the order in which they were named. */
  readonly scripts: readonly Script[];
  readonly errors: readonly LockkeeperError[];
}

/** A path as it is printed: from the working directory, with slashes. */
export const shownPath = (path: string): string => (relative(process.cwd(), path) || path).replaceAll('\\', '/');

const isDirectory = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // on the way there: reading it says why
    return false;
  }
};

const hasMarkers = (text: string): boolean =>
  text.includes('migrate') &&
  commentsOf(text).some(({ text: comment, alone }) => {
    const marker = readMarker(comment, alone, { file: '' });
    return marker !== null && !(marker instanceof LockkeeperError);
  });

const anyName = '20000101000000-x.sql';

/** A file with our markers from elsewhere, whatever its name. */
const foreignMigration = (file: string, text: string): Pick<CheckInput, 'scripts' | 'errors'> => {
  const { migration, findings } = parseMigration(anyName, text);
  if (migration === null)
    return {
      scripts: [],
      errors: findings.map(
        ({ code, message, details }) =>
          new LockkeeperError(code, message.replace(anyName, file), { details: { ...details, file } }),
      ),
    };
  const { up, down, verify, allows } = migration;
  const version = /^\d{14}/.exec(basename(file))?.[0] ?? null;
  return { scripts: [{ file, text: migration.text, version, up, down, verify, allows }], errors: [] };
};

const scriptOf = (file: string, text: string, inTransaction: boolean): Pick<CheckInput, 'scripts' | 'errors'> =>
  hasMarkers(text) ? foreignMigration(file, text) : { scripts: [bareScript(file, text, inTransaction)], errors: [] };

/** @throws LockkeeperError `FileAbsent` */
const textOf = (path: string, name: string): string | LockkeeperError => {
  const text = readTextFile(path, name);
  if (text === null) throw errorAt('FileAbsent', { file: name }, 'is not there');
  return text;
};

/** @throws LockkeeperError `FileAbsent` for a directory without any */
const namesIn = (directory: string, shown: string): readonly string[] => {
  const names = listSqlFiles(directory);
  if (names.length === 0) throw errorAt('FileAbsent', { file: shown }, 'a directory without a .sql file');
  return names;
};

/**
 * Reads what is named: migrations of the project, other files, whole directories, `-`. What cannot be read is among the errors.
 * @throws LockkeeperError `FileAbsent`, `DirectoryUnusable`
 */
export const readInput = (
  files: readonly string[],
  migrationsDirectory: string,
  assumeInTransaction: boolean,
): CheckInput => {
  const migrations = new Set<string>();
  let all = files.length === 0;
  const scripts: Script[] = [];
  const errors: LockkeeperError[] = [];
  const take = (name: string, text: string | LockkeeperError): void => {
    if (text instanceof LockkeeperError) {
      errors.push(text);
      return;
    }
    const read = scriptOf(name, text, assumeInTransaction);
    scripts.push(...read.scripts);
    errors.push(...read.errors);
  };
  for (const file of files) {
    const path = resolve(file);
    if (file === '-') take('stdin', textOfBytes(readFileSync(0), 'stdin'));
    else if (path === migrationsDirectory) all = true;
    else if (isDirectory(path))
      for (const name of namesIn(path, file)) {
        const shown = shownPath(join(path, name));
        take(shown, textOf(join(path, name), shown));
      }
    else if (dirname(path) === migrationsDirectory && path.endsWith('.sql')) {
      textOf(path, file);
      migrations.add(basename(path));
    } else take(shownPath(path), textOf(path, shownPath(path)));
  }
  return { migrations: all ? null : migrations, scripts, errors };
};
