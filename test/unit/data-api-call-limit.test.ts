import { expect, test } from 'vitest';
import { CallLimit } from '../../lib/local/data-api/execution.ts';
import { testClock } from '../support/data-api.ts';

test('who asks when the 45 s are over already is told at once', () => {
  const clock = testClock();
  const limit = new CallLimit(clock);
  clock.pass(45_000);
  const told: string[] = [];
  limit.tell(() => told.push('told'));
  expect(told).toEqual(['told']);
});

test('only the last who asked is told, and nobody once the call has ended', () => {
  const clock = testClock();
  const told: string[] = [];
  const limit = new CallLimit(clock);
  limit.tell(() => told.push('first'));
  limit.tell(() => told.push('second'));
  clock.pass(44_999);
  expect(told).toEqual([]);
  clock.pass(1);
  expect(told).toEqual(['second']);
  const ended = new CallLimit(clock);
  ended.tell(() => told.push('ended'));
  ended.end();
  clock.pass(45_000);
  expect(told).toEqual(['second']);
});
