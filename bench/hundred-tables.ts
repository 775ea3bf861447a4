import { compileManifest, loadParser } from '../lib/analysis/index.ts';
import { type Manifest, readChangelog, runSettingsSchema } from '../lib/migration/index.ts';
import type { BenchMigration } from './contestant.ts';

/** A hundred migrations of one `CREATE TABLE` each. */
export const hundredTables: readonly BenchMigration[] = Array.from({ length: 100 }, (_, index) => {
  const number = String(index + 1).padStart(3, '0');
  return {
    version: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString().replaceAll(/\D/g, '').slice(0, 14),
    name: `create-bench-${number}`,
    statements: [`CREATE TABLE bench_${number} (id bigint PRIMARY KEY, name text NOT NULL)`],
    transactional: true,
  };
});

/** The same as ours: files in Lockkeeper's format, compiled as a deployment compiles them. */
export const manifestOf = async (migrations: readonly BenchMigration[]): Promise<Manifest> => {
  const files = migrations.map(({ version, name, statements }) => {
    const table = name.replace('create-', '').replace('-', '_');
    return {
      file: `${version}-${name}.sql`,
      text: `-- migrate:up\n${statements.join(';\n')};\n\n-- migrate:down\nDROP TABLE ${table};\n`,
    };
  });
  const { changelog, findings } = readChangelog(files);
  if (findings[0] !== undefined) throw findings[0];
  await loadParser();
  return compileManifest(changelog, runSettingsSchema.parse({}));
};
