import { expect, test } from 'vitest';
import type { SectionFacts } from '../../lib/migration/section-facts.ts';
import { runSettingsSchema } from '../../lib/migration/settings.ts';
import { approvalLines } from '../../lib/workflow/approval-lines.ts';
import { planOf, stepUp } from '../../lib/workflow/plan.ts';
import { jsonbBytes } from '../../lib/workflow/stored-down.ts';
import { sampleMigration } from '../support/sample-manifest.ts';

const settings = runSettingsSchema.parse({ approval: 'destructive' });
/** As long as names in PostgreSQL can be. */
const longName = `${'schemä"'.repeat(9)}.${'tabellé'.repeat(9)}`;
const much: SectionFacts = {
  locks: Array.from({ length: 6 }, (_, at) => ({
    object: `${longName}${at}`,
    mode: 'ACCESS EXCLUSIVE',
    duration: 'rewrite',
    work: longName,
  })),
  moreLocks: 3,
  losses: Array.from({ length: 6 }, (_, line) => ({
    does: 'DROP COLUMN',
    object: `${longName}.${'x'.repeat(63)}`,
    loss: 'data',
    of: 'old',
    line,
  })),
  moreLosses: 3,
};
const migrations = Array.from({ length: 500 }, (_, at) => ({
  ...sampleMigration(String(20260101000000 + at), { loss: 'data' }),
  facts: { format: 1 as const, up: much, down: much },
}));
const rest = {
  direction: 'up' as const,
  digest: 'd'.repeat(64),
  count: 500,
  destructiveCount: 500,
  newer: 0,
  appliedCount: 0,
  lastApplied: null,
  manifest: 'a'.repeat(64),
};
const steps = migrations.map((migration) => stepUp({ migration, revision: 0, state: 'absent' }, settings));

test('the plan of 500 migrations that lock and lose much stays under half of what a state may hand on', () => {
  const plan = planOf(steps, settings, rest);
  expect(Buffer.byteLength(JSON.stringify(plan))).toBeLessThan(130 * 1024);
  expect(plan.steps.length).toBeGreaterThan(20);
  expect(plan.count).toBe(500);
});

test('a plan that says little shows its first 100 steps', () => {
  const plain = steps.map((step) => Object.assign({}, step, { facts: null }));
  expect(planOf(plain, settings, rest).steps).toHaveLength(100);
});

test('what is said for an approval fits the cause of a Fail state and counts the others', () => {
  const lines = approvalLines(planOf(steps, settings, rest));
  expect(lines.join('\n').length).toBeLessThan(32_768 - 1000);
  expect(lines.at(-1)).toMatch(/^and 49\d more$/);
});

test('what is said for an approval leaves out what blocks and loses nothing', () => {
  const [first, second] = steps.map((step) =>
    Object.assign({}, step, { facts: null, loss: 'none', snapshot: false } as const),
  );
  if (first === undefined || second === undefined) throw new Error('no steps');
  const lossy = Object.assign({}, second, { loss: 'data' } as const);
  const lines = approvalLines(planOf([first, lossy], settings, { ...rest, count: 2, destructiveCount: 1 }));
  expect(lines.join('\n')).toBe(
    [
      '20260101000001-sample',
      '  does: CREATE TABLE',
      '  loses: data',
      '  back: not proven',
      'and 1 more, which block and lose nothing',
    ].join('\n'),
  );
});

test('a snapshot of the run stands before the first step that asks for it, one per step before each', () => {
  const three = steps.slice(0, 3);
  const shown = (scope: 'run' | 'step'): boolean[] =>
    planOf(three, { ...settings, snapshotScope: scope }, { ...rest, count: 3 }).steps.map(({ snapshot }) => snapshot);
  expect(shown('run')).toEqual([true, false, false]);
  expect(shown('step')).toEqual([true, true, true]);
});

test('bytes of a value as jsonb prints it', () => {
  // {"a": [1, "ü\n"], "bb": {"c": null}, "d": []}
  expect(jsonbBytes({ d: [], a: [1, 'ü\n'], bb: { c: null } })).toBe(46);
});
