import { expect, test } from 'vitest';
import { AutoPause } from '../../lib/local/data-api/auto-pause.ts';
import { testClock } from '../support/data-api.ts';

const begin = () => {
  const clock = testClock();
  const session = { busy: false };
  return { clock, session, pause: new AutoPause({ afterMs: 300_000 }, clock, () => session.busy) };
};

test('each call puts the pause off', () => {
  const { clock, pause } = begin();
  for (let call = 0; call < 4; call += 1) {
    clock.pass(299_999);
    expect([call, pause.call()]).toEqual([call, true]);
  }
});

test('300 s without a call pause it, and the call that finds it so wakes it in 15 s', () => {
  const { clock, pause } = begin();
  clock.pass(300_000);
  expect(pause.call()).toBe(false);
  clock.pass(14_999);
  expect(pause.call()).toBe(false);
  clock.pass(1);
  expect(pause.call()).toBe(true);
});

test('calls that meet it resuming wake it no later', () => {
  const { clock, pause } = begin();
  clock.pass(300_000);
  pause.call();
  clock.pass(10_000);
  pause.call();
  clock.pass(5_000);
  expect(pause.call()).toBe(true);
});

test('one that nobody wakes stays paused', () => {
  const { clock, pause } = begin();
  clock.pass(86_400_000);
  expect(pause.call()).toBe(false);
});

test('woken, it pauses again after 300 s', () => {
  const { clock, pause } = begin();
  clock.pass(300_000);
  pause.call();
  clock.pass(15_000);
  clock.pass(300_000);
  expect(pause.call()).toBe(false);
});

test('a session in use puts it off for another 300 s', () => {
  const { clock, session, pause } = begin();
  session.busy = true;
  clock.pass(300_000);
  session.busy = false;
  clock.pass(299_999);
  clock.pass(1);
  expect(pause.call()).toBe(false);
  const other = begin();
  other.session.busy = true;
  other.clock.pass(300_000);
  expect(other.pause.call()).toBe(true);
});

test('stopped, it arms nothing any more', () => {
  const { clock, pause } = begin();
  pause.stop();
  clock.pass(300_000);
  expect(pause.call()).toBe(true);
});
