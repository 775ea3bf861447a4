import { expect, test } from 'vitest';
import type { SnapshotRecord } from '../../lib/ledger/standing.ts';
import { snapshotIdentifier } from '../../lib/workflow/digest.ts';
import { pauseSeconds } from '../../lib/workflow/pause.ts';
import { moveUp, nextStep } from '../../lib/workflow/steps.ts';
import { sampleManifest, sampleMigration } from '../support/sample-manifest.ts';

const version = (index: number): string => `20260101${String(index).padStart(6, '0')}`;
const move = (index: number, rest: Parameters<typeof sampleMigration>[1] = {}) =>
  moveUp({ migration: sampleMigration(version(index), rest), revision: 0, state: 'absent' });
const snapshot = (before: string | null): SnapshotRecord => ({
  identifier: 's',
  arn: 'a',
  startedAt: 't',
  version: before,
});
const { settings } = sampleManifest([]);
const batched = (step: ReturnType<typeof nextStep>): unknown =>
  step.kind === 'batch' ? step.migrations.map((each) => each.version) : step;

test('nothing left is done', () => {
  expect(nextStep([], [], settings)).toEqual({ kind: 'done' });
});

test('a batch ends before the first destructive migration, which then asks for the snapshot, and goes with the rest once it exists', () => {
  const moves = [move(1), move(2), move(3, { loss: 'data' }), move(4)];
  expect(batched(nextStep(moves, [], settings))).toEqual([version(1), version(2)]);
  expect(nextStep(moves.slice(2), [], settings)).toEqual({ kind: 'snapshot', version: null });
  expect(batched(nextStep(moves.slice(2), [snapshot(null)], settings))).toEqual([version(3), version(4)]);
});

test('an unknown loss is treated as destructive', () => {
  expect(nextStep([move(1, { loss: 'unknown' })], [], settings)).toEqual({ kind: 'snapshot', version: null });
});

test("with a snapshot per step, another step's snapshot does not serve", () => {
  const perStep = { ...settings, snapshotScope: 'step' as const };
  const moves = [move(1, { loss: 'data' }), move(2, { loss: 'data' })];
  expect(nextStep(moves, [], perStep)).toEqual({ kind: 'snapshot', version: version(1) });
  expect(batched(nextStep(moves, [snapshot(version(1))], perStep))).toEqual([version(1)]);
  expect(nextStep(moves.slice(1), [snapshot(version(1))], perStep)).toEqual({ kind: 'snapshot', version: version(2) });
});

test('the policies never and always are obeyed', () => {
  expect(batched(nextStep([move(1, { loss: 'data' })], [], { ...settings, snapshot: 'never' }))).toEqual([version(1)]);
  expect(nextStep([move(1)], [], { ...settings, snapshot: 'always' })).toEqual({ kind: 'snapshot', version: null });
});

test('what runs outside a transaction is a step alone', () => {
  const moves = [move(1), move(2, { transactional: false }), move(3)];
  expect(batched(nextStep(moves, [], settings))).toEqual([version(1)]);
  expect(nextStep(moves.slice(1), [], settings)).toEqual({
    kind: 'alone',
    migration: { version: version(2), revision: 0 },
  });
});

test('a batch holds at most 500 migrations and fits a request by bytes, not characters', () => {
  const many = Array.from({ length: 600 }, (_, index) => move(index));
  expect((batched(nextStep(many, [], settings)) as string[]).length).toBe(500);
  const wide = [1, 2, 3].map((index) => move(index, { sql: `select '${'€'.repeat(600_000)}'` }));
  expect(batched(nextStep(wide, [], settings))).toEqual([version(1), version(2)]);
});

test('one migration that fills a request by itself still goes', () => {
  expect(batched(nextStep([move(1, { sql: 'x'.repeat(3_950_000) })], [], settings))).toEqual([version(1)]);
});

test('a snapshot identifier is one that RDS takes, and the same for a repeat of the run', () => {
  const run = 'arn:aws:states:eu-west-1:123456789012:execution:Shop-Migrate:7b1c';
  for (const service of ['Shop', 'a--very__long service-name-that-goes-on-and-on', '9', '-']) {
    const identifier = snapshotIdentifier(service, run, '20260101000000');
    expect(identifier).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
    expect(identifier.length).toBeLessThanOrEqual(63);
    expect(snapshotIdentifier(service, run, '20260101000000')).toBe(identifier);
  }
  expect(snapshotIdentifier('shop', `${run}2`, null)).not.toBe(snapshotIdentifier('shop', run, null));
});

test('twelve hours of looking stay under 5,000 events of history', () => {
  let seconds = 0;
  let looks = 0;
  while (seconds < 12 * 3600) {
    seconds += pauseSeconds(seconds * 1000);
    looks += 1;
  }
  expect(looks * 9).toBeLessThan(5000);
});
