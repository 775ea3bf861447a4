import type { Loss, Manifest, ManifestMigration, ManifestStatement } from '../../lib/migration/manifest.ts';
import { type RunSettings, runSettingsSchema } from '../../lib/migration/settings.ts';

const checksumOf = (version: string): string => version.padEnd(64, '0');

interface Sample {
  readonly loss?: Loss;
  readonly transactional?: boolean;
  readonly sql?: string;
}

export const sampleStatement = (sql: string, rest: Partial<ManifestStatement> = {}): ManifestStatement => ({
  sql,
  line: 2,
  kind: 'CREATE TABLE',
  transactional: true,
  loss: 'none',
  ...rest,
});

/** A migration that only has what a decision looks at. */
export const sampleMigration = (
  version: string,
  { loss = 'none', transactional = true, sql = 'select 1' }: Sample = {},
): ManifestMigration => ({
  version,
  name: 'sample',
  file: `${version}-sample.sql`,
  checksum: checksumOf(version),
  chain: checksumOf(version),
  up: { transactional, statements: [sampleStatement(sql, { loss })] },
  down: { transactional: true, statements: [sampleStatement('select 2')] },
  irreversible: null,
  verify: [],
  phase: null,
  change: null,
  flag: null,
});

export const sampleManifest = (
  migrations: readonly ManifestMigration[],
  settings: Partial<RunSettings> = {},
): Manifest => ({
  format: 1,
  root: 'a'.repeat(64),
  settings: runSettingsSchema.parse(settings),
  migrations,
});
