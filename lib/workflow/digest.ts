import { createHash } from 'node:crypto';
import type { PendingMigration } from './migrate-plan.ts';

/** SHA-256, hex, over what a Migrate run will do: the version, revision and checksum of each pending migration, in order. */
export const migrateDigest = (pending: readonly PendingMigration[]): string =>
  createHash('sha256')
    .update(
      pending.map(({ migration, revision }) => `up ${migration.version} ${revision} ${migration.checksum}\n`).join(''),
    )
    .digest('hex');

/** A name for a run's snapshot that a repeat of the same run finds again: at most 63 characters, letters, digits and single hyphens. */
export const snapshotIdentifier = (service: string, run: string, version: string | null): string => {
  const own = createHash('sha256').update(run).digest('hex').slice(0, 16);
  const name = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 20)
    .replace(/-$/, '');
  return ['lockkeeper', name, own, version].filter((part) => part !== null && part !== '').join('-');
};
