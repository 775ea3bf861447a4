import { expect, test } from 'vitest';
import { partsOf } from '../faults/plan.ts';
import { progressLine } from '../faults/progress.ts';
import { checkSchedule, type Schedule } from '../faults/schedule.ts';
import { type Baseline, scheduleOf, seedOf, sizes } from '../faults/schedules.ts';

const calls = { data: 22, rds: 3, states: 0, lambda: 12, task: 15 };
const ways = { up: calls, down: calls };
const baseline: Baseline = { commit: ways, 'no-commit': ways, 'no-row': ways };

const schedule = (changed: object = {}, fault: object = {}): Schedule =>
  ({
    seed: 1,
    part: 'single',
    start: 'installed',
    changelog: 'good',
    procedures: 'commit',
    runners: [{ machine: 'Migrate', input: {}, faults: [{ service: 'data', kind: 'reply-lost', call: 1, ...fault }] }],
    ...changed,
  }) as Schedule;

const one = { machine: 'Migrate', input: {}, faults: [] };
const twice = [one, one];

test('a schedule that can be played is not refused', () => {
  expect(() => checkSchedule(schedule())).not.toThrow();
});

test.for([
  ['service', schedule({}, { service: 'mail' }), 'unknown service: mail; known are data, rds, states, lambda, task'],
  ['kind', schedule({}, { kind: 'gremlins' }), /unknown fault of data: gremlins; known are .*reply-lost/],
  ['kind of another service', schedule({}, { service: 'rds', kind: 'late-soon' }), 'unknown fault of rds: late-soon'],
  ['call', schedule({}, { call: 0 }), 'call 0 of data, expected one from 1'],
  ['call', schedule({}, { call: 'last' }), 'call last of data, expected one from 1'],
  [
    'call to begin at',
    schedule({ runners: [{ machine: 'Migrate', input: {}, faults: [], startsAtCall: 0 }] }),
    'call 0 at which a runner begins, expected one from 1',
  ],
  [
    'call to wait before',
    schedule({ runners: twice, interleaving: { before: 0, until: 1, aborted: false } }),
    'call 0 of the one who waits, expected one from 1',
  ],
  [
    'call to wait for',
    schedule({ runners: twice, interleaving: { before: 1, until: 1.5, aborted: false } }),
    'call 1.5 of the one waited for, expected one from 1',
  ],
  [
    'runner',
    schedule({ interleaving: { before: 1, until: 1, aborted: false } }),
    'lets a runner wait for another, and names only one',
  ],
  [
    'machine',
    schedule({ runners: [{ machine: 'Restore', input: {}, faults: [] }] }),
    'unknown machine: Restore; known are Migrate, Rollback',
  ],
  ['changelog', schedule({ changelog: 'bad' }), /unknown changelog: bad; known are good, wrong-deferred/],
  ['start', schedule({ start: 'half' }), 'unknown start: half; known are empty, installed, migrated'],
  [
    'way of procedures',
    schedule({ procedures: 'none' }),
    'unknown way of procedures: none; known are commit, no-commit, no-row',
  ],
] as const)('a schedule that names an unknown %s is refused with what is known', ([, refused, said]) => {
  expect(() => checkSchedule(refused)).toThrow(said);
});

test('--only with an unknown part is refused with the known ones', () => {
  expect(partsOf('single,mutants')).toEqual(new Set(['single', 'mutants']));
  expect(() => partsOf('singles')).toThrow('unknown part: singles; known are single, fallback, states');
});

test('every seed of every part means a schedule that can be played, and always the same one', () => {
  for (const [part, size] of Object.entries(sizes(baseline)) as ['single', number | null][]) {
    for (let at = 0; at < (size ?? 200); at++) {
      const seed = seedOf(part, at);
      const one = scheduleOf(seed, baseline);
      checkSchedule(one);
      if (at % 97 === 0) expect(scheduleOf(seed, baseline)).toEqual(one);
    }
  }
});

test('a seed of no part, or past the last of its part, is refused', () => {
  expect(() => scheduleOf(17, baseline)).toThrow('the seed 17 belongs to no part');
  expect(() => scheduleOf(1_999_999, baseline)).toThrow('past the last of single');
});

test('progress tells parts, sum, rate and what is to go', () => {
  expect(progressLine({ single: 100, pairs: 40 }, { single: 60 }, { ms: 10_000, played: 20 })).toBe(
    'single 60/100, pairs 0/40; 60 of 140, 2.0 a second, 40 s to go',
  );
  expect(progressLine({ random: 10_000 }, { random: 1_000 }, { ms: 100_000, played: 500 })).toBe(
    'random 1000/10000; 1000 of 10000, 5.0 a second, 30 min to go',
  );
});
