import { expect, test } from 'vitest';
import { pauseSeconds } from '../../lib/workflow/pause.ts';

/** Looks at something that runs for so many hours. */
const looks = (hours: number): number => {
  let count = 0;
  for (let ageMs = 0; ageMs < hours * 3_600_000; ageMs += pauseSeconds(ageMs) * 1000) count += 1;
  return count;
};

test('what runs for twelve hours is looked at 400 times, so that 9 events a look are under 5,000', () => {
  expect(looks(12)).toBeLessThan(420);
  expect(looks(12) * 9).toBeLessThan(5_000);
});

test('what runs for a week, as long as a run may take, leaves little more than half of the 25,000 events that end an execution', () => {
  expect(looks(7 * 24) * 9).toBeLessThan(13_000);
});

test('what began just now is looked at after a second, what is old after two minutes, what is a week old after half an hour', () => {
  expect([0, 5_000, 45_000, 300_000, 43_200_000, 604_800_000].map(pauseSeconds)).toEqual([1, 1, 5, 30, 120, 1680]);
});
