import { expect, test } from 'vitest';
import type { Difference, Standing } from '../../lib/ledger/standing.ts';
import { migratePlan } from '../../lib/workflow/migrate-plan.ts';
import { sampleManifest, sampleMigration } from '../support/sample-manifest.ts';

const one = '20260101000000';
const two = '20260102000000';
const three = '20260103000000';
const manifest = sampleManifest([one, two, three].map((version) => sampleMigration(version)));

const difference = (version: string, state: Difference['state'], rest: Partial<Difference> = {}): Difference => ({
  version,
  state,
  revision: state === 'absent' ? 0 : 1,
  checksum: state === 'absent' ? null : version.padEnd(64, '0'),
  name: 'sample',
  statementsDone: 0,
  ...rest,
});
const standing = (lastApplied: string | null, ...differences: Difference[]): Standing => ({
  lease: { token: 1, holder: null, since: null },
  runEnded: false,
  readOnly: false,
  appliedCount: 0,
  lastApplied,
  differences,
  snapshots: [],
});
const versions = (plan: ReturnType<typeof migratePlan>): unknown =>
  'pending' in plan
    ? plan.pending.map(({ migration, revision }) => [migration.version, revision])
    : plan.map(({ code }) => code);

test('what has no row or was reverted is pending, in version order, with its revision', () => {
  const plan = migratePlan(
    manifest,
    standing(one, difference(three, 'absent'), difference(two, 'reverted', { revision: 4 })),
    null,
  );
  expect(versions(plan)).toEqual([
    [two, 4],
    [three, 0],
  ]);
});

test('a plan ends at the version that was asked for', () => {
  const plan = migratePlan(
    manifest,
    standing(null, ...[one, two, three].map((version) => difference(version, 'absent'))),
    two,
  );
  expect(versions(plan)).toEqual([
    [one, 0],
    [two, 0],
  ]);
});

test('a migration half applied is pending again', () => {
  expect(versions(migratePlan(manifest, standing(two, difference(three, 'applying')), null))).toEqual([[three, 1]]);
});

test('an applied file that was edited is refused, also when it is half applied', () => {
  for (const state of ['applied', 'applying'] as const) {
    const plan = migratePlan(manifest, standing(three, difference(two, state, { checksum: 'f'.repeat(64) })), null);
    expect(versions(plan)).toEqual(['MigrationAltered']);
  }
});

test('an applied migration that left the changelog in the middle is refused, one after its end only counted', () => {
  expect(versions(migratePlan(manifest, standing(three, difference('20260102120000', 'applied')), null))).toEqual([
    'MigrationMissing',
  ]);
  const behind = migratePlan(manifest, standing('20260201000000', difference('20260201000000', 'applied')), null);
  expect(behind).toEqual({ pending: [], newer: 1 });
});

test('a version below the last applied one is refused', () => {
  expect(versions(migratePlan(manifest, standing(three, difference(two, 'absent')), null))).toEqual(['MigrationLate']);
});

test('a rollback that stopped half way has to be finished first', () => {
  expect(versions(migratePlan(manifest, standing(three, difference(three, 'reverting')), null))).toEqual([
    'RollbackUnfinished',
  ]);
});

test('everything that speaks against a run is said at once', () => {
  const plan = migratePlan(
    manifest,
    standing(three, difference(two, 'absent'), difference(one, 'applied', { checksum: 'f'.repeat(64) })),
    null,
  );
  expect(versions(plan)).toEqual(['MigrationAltered', 'MigrationLate']);
});
