import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LockkeeperError } from '../errors/index.ts';
import { errorAt, lineIndexOf, sumFile } from '../migration/index.ts';

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** What a path leads to, through links; null when that is nothing, or cannot be reached. */
const kindAt = (path: string): 'file' | 'directory' | 'other' | null => {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
  } catch {
    return null;
  }
};

/**
 * A file's text, or why it is none: it has to be UTF-8 without NUL, which PostgreSQL cannot store.
 * `name` is what messages call it. Null when the file is absent; a link to nothing is an error.
 */
export const readTextFile = (path: string, name: string): string | LockkeeperError | null => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    if (isAbsent(cause)) {
      if (!isLink(path)) return null;
      return errorAt('FileUnreadable', { file: name }, 'a symbolic link to what is not there, expected a file');
    }
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    return new LockkeeperError('FileUnreadable', `${name}: ${unreadable[code] ?? 'cannot be read'} (${code})`, {
      cause,
      details: { file: name },
    });
  }
  return textOfBytes(bytes, name);
};

const unreadable: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read it',
  EISDIR: 'a directory, expected a file',
};

/** UTF-8 decoded, or where it is none; UTF-16, as an editor on Windows may save it, is named. PostgreSQL stores no NUL. */
export const textOfBytes = (bytes: Buffer, name: string): string | LockkeeperError => {
  const isUtf16 = ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const nul = text.indexOf('\0');
    if (nul === -1) return text;
    const place = { file: name, ...lineIndexOf(text).placeOf(nul) };
    return errorAt('FileUnreadable', place, 'a NUL byte, expected UTF-8 text');
  } catch {
    const place = { file: name, ...placeOfStray(bytes) };
    return errorAt('FileUnreadable', place, isUtf16 ? 'UTF-16, expected UTF-8 text' : 'a byte that is not UTF-8');
  }
};

/** Of the first byte sequence that UTF-8 does not have. */
const placeOfStray = (bytes: Buffer): { readonly line: number; readonly column: number } => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start <= bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const content = bytes.subarray(start, end === -1 ? bytes.length : end);
    try {
      decoder.decode(content);
    } catch {
      const before = content.toString('utf8').split('\uFFFD')[0] ?? '';
      return { line, column: [...before].length + 1 };
    }
    if (end === -1) break;
    start = end + 1;
  }
  return { line, column: 1 };
};

export interface MigrationFiles {
  readonly files: readonly TextFile[];
  /** Content of `lockkeeper.sum`; null when absent. */
  readonly sum: string | null;
  readonly findings: readonly LockkeeperError[];
}

/** A directory beside the migrations that holds some, too; null for one that holds none or cannot be looked into. */
const nestedIn = (directory: string, name: string, kind: 'directory' | 'other'): LockkeeperError | null => {
  if (kind !== 'directory') return null;
  let inside: readonly string[];
  try {
    inside = readdirSync(join(directory, name));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    return new LockkeeperError('FileUnreadable', `${name}: a directory that cannot be read (${code})`, {
      cause,
      details: { file: name },
    });
  }
  const nested = inside.find((each) => each.endsWith('.sql'));
  return nested === undefined
    ? null
    : errorAt(
        'MigrationNameInvalid',
        { file: `${name}/${nested}` },
        'a migration in a subdirectory, expected all in one directory',
      );
};

/**
 * The `.sql` files of a directory, through symbolic links. Other files, dotfiles and subdirectories are not migrations and are passed over;
 * a subdirectory that holds a `.sql` file is a finding, since its author meant it to run; so is a `.sql` that is no file.
 * @throws LockkeeperError `DirectoryUnusable`
 */
export const readMigrationFiles = (directory: string): MigrationFiles => {
  const findings: LockkeeperError[] = [];
  const files: TextFile[] = [];
  for (const entry of entriesOf(directory)) {
    if (entry.name.startsWith('.')) continue;
    const named = entry.name.toLowerCase().endsWith('.sql');
    const kind = kindAt(join(directory, entry.name));
    if (kind === 'directory' || kind === 'other') {
      const finding = named
        ? errorAt(
            'FileUnreadable',
            { file: entry.name },
            kind === 'directory' ? 'a directory, expected a file' : 'neither a file nor a directory, expected a file',
          )
        : nestedIn(directory, entry.name, kind);
      if (finding !== null) findings.push(finding);
      continue;
    }
    if (!named) continue;
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

/** Names of the `.sql` files of any directory, in order. @throws LockkeeperError `DirectoryUnusable` */
export const listSqlFiles = (directory: string): readonly string[] =>
  entriesOf(directory)
    .filter(({ name }) => name.endsWith('.sql') && !name.startsWith('.') && kindAt(join(directory, name)) === 'file')
    .map(({ name }) => name)
    .toSorted();
