import { LockkeeperError } from '../errors/index.ts';
import type { Manifest } from '../migration/manifest.ts';
import type { PendingMigration } from './migrate-plan.ts';

/**
 * What a plan applies, short enough to travel with the run: `<version>*<count>@<revision>` for each stretch of the changelog, e.g.
 * `20251016120000*250@0`. A changelog that was never rolled back is one stretch, however long it is.
 */
export const pendingText = ({ migrations }: Manifest, pending: readonly PendingMigration[]): string => {
  const index = new Map(migrations.map(({ version }, at) => [version, at]));
  const stretches: {
    readonly from: string;
    readonly revision: number;
    readonly end: number;
    readonly count: number;
  }[] = [];
  for (const { migration, revision } of pending) {
    const at = index.get(migration.version) ?? -1;
    const last = stretches.at(-1);
    if (last?.end === at && last.revision === revision)
      stretches[stretches.length - 1] = { ...last, end: at + 1, count: last.count + 1 };
    else stretches.push({ from: migration.version, revision, end: at + 1, count: 1 });
  }
  return stretches.map(({ from, count, revision }) => `${from}*${count}@${revision}`).join(' ');
};

const plannedRevisions = ({ migrations }: Manifest, text: string): ReadonlyMap<string, number> => {
  const revisions = new Map<string, number>();
  for (const [, from, count, revision] of text.matchAll(/(\d{14})\*(\d+)@(\d+)/g)) {
    const at = migrations.findIndex(({ version }) => version === from);
    if (at === -1) continue;
    for (const { version } of migrations.slice(at, at + Number(count))) revisions.set(version, Number(revision));
  }
  return revisions;
};

/**
 * What is pending now and was not when the plan was made: a run that ended meanwhile took it back. Null when the plan covers it all, which it does
 * with fewer, too; one that another run began outside a transaction, on top of the row that was planned, is the same migration.
 */
export const beyondPlan = (
  manifest: Manifest,
  pending: readonly PendingMigration[],
  planned: string,
): LockkeeperError | null => {
  const revisions = plannedRevisions(manifest, planned);
  const others = pending.filter(({ migration, revision, state }) => {
    const before = revisions.get(migration.version);
    return before !== revision && !(state === 'applying' && before === revision - 1);
  });
  const [first] = others;
  if (!first) return null;
  const { file, version } = first.migration;
  const more = others.length > 1 ? ` (and ${others.length - 1} more)` : '';
  return new LockkeeperError(
    'PlanChanged',
    `another run changed the ledger while this one waited for the lease: ${file}${more} would be applied, which is not in this run's plan`,
    { details: { version } },
  );
};
