import { LockkeeperError } from '../errors/index.ts';
import { errorAt } from './place.ts';
import { isVersion } from './version.ts';

export interface FileName {
  readonly file: string;
  readonly version: string;
  /** The description, `add-user-email-index`. */
  readonly name: string;
}

const description = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Name of the file that holds a migration, without a directory. */
export const fileNameOf = (version: string, name: string): string => `${version}-${name}.sql`;

/** A description as the file name holds it: `Add user's email` becomes `add-user-s-email`; empty when nothing is left. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** The parts of a file name, or why it is none. */
export const parseFileName = (file: string): FileName | LockkeeperError => {
  const refuse = (found: string): LockkeeperError =>
    errorAt('MigrationNameInvalid', { file }, `${found}, expected YYYYMMDDHHMMSS-description.sql`);
  const match = /^(\d+)-(.*)\.sql$/.exec(file);
  if (match === null) return refuse('not the name of a migration');
  const [, version = '', name = ''] = match;
  if (version.length !== 14) return refuse(`the timestamp has ${version.length} digits`);
  if (!isVersion(version)) return refuse(`${version} is not an instant of the calendar`);
  if (name === '') return refuse('the description is empty');
  if (!description.test(name)) return refuse(`the description ${JSON.stringify(name)} is not kebab-case`);
  if (file.length > 200) return refuse(`the name has ${file.length} characters, at most 200 are allowed`);
  return { file, version, name };
};
