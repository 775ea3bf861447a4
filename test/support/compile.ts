import { compileManifest, loadParser } from '../../lib/analysis/index.ts';
import {
  changelogOf,
  type Manifest,
  type ManifestMigration,
  type ManifestStatement,
  parseMigration,
  runSettingsSchema,
} from '../../lib/migration/index.ts';

await loadParser();

/** The manifest of one migration file. */
export const compileFile = (text: string, file = '20251016120000-try-it.sql'): ManifestMigration => {
  const { migration, findings } = parseMigration(file, text);
  if (migration === null) throw findings[0];
  const manifest: Manifest = compileManifest(changelogOf([migration]), runSettingsSchema.parse({}));
  const [only] = manifest.migrations;
  if (only === undefined) throw new Error('no migration compiled');
  return only;
};

/** The statements of an up section; it begins on line 2 of its file. */
export const compileUp = (sql: string, option = ''): readonly ManifestStatement[] =>
  compileFile(`-- migrate:up${option}\n${sql}\n-- migrate:down\nSELECT 1;\n`).up.statements;
