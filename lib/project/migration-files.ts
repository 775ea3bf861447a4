import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';
import { errorAt, sumFile } from '../migration/index.ts';

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * A file's text, or why it is none: it has to be UTF-8 without NUL, which PostgreSQL cannot store.
 * `name` is what messages call it. Null when the file is absent.
 */
export const readTextFile = (path: string, name: string): string | LockkeeperError | null => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    if (isAbsent(cause)) return null;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    return new LockkeeperError('FileUnreadable', `${name}: cannot be read (${code})`, {
      cause,
      details: { file: name },
    });
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1)
    return errorAt('FileUnreadable', { file: name }, `has a NUL byte at offset ${nul}, expected UTF-8 text`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return errorAt('FileUnreadable', { file: name }, 'is not UTF-8');
  }
};

export interface MigrationFiles {
  readonly files: readonly TextFile[];
  /** Content of `lockkeeper.sum`; null when absent. */
  readonly sum: string | null;
  readonly findings: readonly LockkeeperError[];
}

/**
 * The `.sql` files of a directory. Other files, dotfiles and subdirectories are not migrations and are passed over;
 * a subdirectory that holds a `.sql` file is a finding, since its author meant it to run.
 * @throws LockkeeperError `DirectoryUnusable`
 */
export const readMigrationFiles = (directory: string): MigrationFiles => {
  const findings: LockkeeperError[] = [];
  const files: TextFile[] = [];
  for (const entry of entriesOf(directory)) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) {
      const nested = entriesOf(join(directory, entry.name)).find(({ name }) => name.endsWith('.sql'));
      if (nested !== undefined)
        findings.push(
          errorAt(
            'MigrationNameInvalid',
            { file: `${entry.name}/${nested.name}` },
            'a migration in a subdirectory, expected all in one directory',
          ),
        );
      continue;
    }
    if (!entry.name.toLowerCase().endsWith('.sql')) continue;
    const text = readTextFile(join(directory, entry.name), entry.name);
    if (text instanceof LockkeeperError) findings.push(text);
    else if (text !== null) files.push({ file: entry.name, text });
  }
  const sum = readTextFile(join(directory, sumFile), sumFile);
  if (sum instanceof LockkeeperError) findings.push(sum);
  return { files, sum: sum instanceof LockkeeperError ? null : sum, findings };
};

const entriesOf = (directory: string) => {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const found =
      code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is not a directory' : `cannot be read (${code})`;
    throw new LockkeeperError('DirectoryUnusable', `the directory of the migrations, ${directory}, ${found}`, {
      cause,
    });
  }
};
