import { compileManifest, loadParser } from '../../lib/analysis/index.ts';
import { changelogOf, type Manifest, parseMigration } from '../../lib/migration/index.ts';
import { type RunSettings, runSettingsSchema } from '../../lib/migration/settings.ts';

await loadParser();

/** The n-th version of a changelog that only a test knows, one for each minute of a day: `20250101000100` for 1. */
export const versionOf = (n: number): string =>
  `20250101${String(Math.floor(n / 60)).padStart(2, '0')}${String(n % 60).padStart(2, '0')}00`;

/** A migration's text from its up and down. */
export const migration = (up: string, down: string, header = '', verify = ''): string =>
  `${header}-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n${verify === '' ? '' : `\n-- migrate:verify\n${verify}\n`}`;

/** The manifest of these texts, in order. */
export const manifestOf = (texts: readonly string[], settings: Partial<RunSettings> = {}): Manifest => {
  const migrations = texts.map((text, at) => {
    const { migration: parsed, findings } = parseMigration(`${versionOf(at + 1)}-step-${at + 1}.sql`, text);
    if (parsed === null) throw findings[0];
    return parsed;
  });
  return compileManifest(changelogOf(migrations), runSettingsSchema.parse(settings));
};

export const table = (name: string): string => migration(`CREATE TABLE ${name} (id int);`, `DROP TABLE ${name};`);
