import { createHash } from 'node:crypto';
import type { RunSettings } from '../migration/settings.ts';
import type { PendingMigration } from './migrate-plan.ts';
import { moveUp } from './steps.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Over what a Migrate run will do: of each pending migration, in order, its file, the revision of its row, and what the plan says that it does. */
export const pendingDigest = (pending: readonly PendingMigration[]): string =>
  sha256(
    pending
      .map((each) => {
        const { version, revision, transactional, loss } = moveUp(each);
        return `up ${version} ${revision} ${each.migration.checksum} ${transactional ? 'batch' : 'alone'} ${loss}\n`;
      })
      .join(''),
  );

/**
 * What an approval names, SHA-256, hex: the digest of the moves (`pendingDigest`, or the ledger's own over entries that a rollback reverts),
 * when a snapshot is taken, and the ledger they are written to.
 */
export const planDigest = (
  moves: string,
  { snapshot, snapshotScope, ledgerSchema }: Pick<RunSettings, 'snapshot' | 'snapshotScope' | 'ledgerSchema'>,
): string => sha256(`${moves}\nsnapshot ${snapshot} ${snapshotScope}\nledger ${ledgerSchema}\n`);

/** A name for a run's snapshot that a repeat of the same run finds again: at most 63 characters, letters, digits and single hyphens. */
export const snapshotIdentifier = (service: string, run: string, version: string | null): string => {
  const own = sha256(run).slice(0, 16);
  const name = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 20)
    .replace(/-$/, '');
  return ['lockkeeper', name, own, version].filter((part) => part !== null && part !== '').join('-');
};
