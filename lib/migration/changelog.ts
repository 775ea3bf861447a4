import type { LockkeeperError } from '../errors/index.ts';
import { chainAfter, emptyChain } from './checksum.ts';
import type { Migration } from './migration.ts';
import { parseMigration } from './parse-migration.ts';
import { errorAt } from './place.ts';

export interface ChainedMigration extends Migration {
  /** SHA-256 over the previous migration's chain, the file name and the checksum. */
  readonly chain: string;
}

/** The migrations of one commit, in version order. */
export interface Changelog {
  readonly migrations: readonly ChainedMigration[];
  /** The last migration's chain; 64 zeros when there is none. */
  readonly chain: string;
}

const byVersion = (a: Migration, b: Migration): number =>
  a.version < b.version ? -1 : a.version > b.version ? 1 : a.file < b.file ? -1 : a.file > b.file ? 1 : 0;

/** Puts migrations into version order and chains them. */
export const changelogOf = (migrations: readonly Migration[]): Changelog => {
  let chain = emptyChain;
  const chained = migrations.toSorted(byVersion).map((migration) => {
    chain = chainAfter(chain, migration.file, migration.checksum);
    return Object.assign({}, migration, { chain });
  });
  return { migrations: chained, chain };
};

/** Reads files in any order. `findings` holds everything wrong with them; the changelog then holds the readable rest. */
export const readChangelog = (
  files: readonly { readonly file: string; readonly text: string }[],
): { readonly changelog: Changelog; readonly findings: readonly LockkeeperError[] } => {
  const parsed = files.map(({ file, text }) => parseMigration(file, text));
  const findings: LockkeeperError[] = parsed.flatMap((each) => [...each.findings]);
  const changelog = changelogOf(parsed.flatMap(({ migration }) => (migration === null ? [] : [migration])));
  for (const [at, { version, file }] of changelog.migrations.entries()) {
    const before = changelog.migrations[at - 1];
    if (before?.version === version)
      findings.push(errorAt('VersionDuplicate', { file }, `version ${version} is also that of ${before.file}`));
  }
  return { changelog, findings };
};
