import { expect, test } from 'vitest';
import { systemClock, VirtualClock } from '../../lib/local/states-language/index.ts';

const never = new AbortController().signal;

test('the system clock sleeps, and wakes at once with the reason of its signal', async () => {
  const begin = systemClock.now();
  await systemClock.sleep(20, never);
  expect(systemClock.now() - begin).toBeGreaterThanOrEqual(18);
  await systemClock.sleep(0, never);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  await expect(systemClock.sleep(0, stop.signal)).rejects.toThrow('enough');
});

test('the system clock sleeps longer than one timer can', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(2 ** 31, stop.signal).then(() => 'woke');
  const pause = systemClock.sleep(30, never).then(() => 'still asleep');
  expect(await Promise.race([sleeping, pause])).toBe('still asleep');
  stop.abort();
  await expect(sleeping).rejects.toThrow();
});

test('the virtual clock wakes sleepers in the order of their instants', async () => {
  const clock = new VirtualClock(0);
  const woke: [string, number][] = [];
  const sleep = (name: string, ms: number) => clock.sleep(ms, never).then(() => woke.push([name, clock.now()]));
  await Promise.all([sleep('late', 3000), sleep('soon', 1000), sleep('between', 2000)]);
  expect(woke).toEqual([
    ['soon', 1000],
    ['between', 2000],
    ['late', 3000],
  ]);
});

test('virtual time stands still while something happens in real time', async () => {
  const clock = new VirtualClock(0);
  const slept = clock.sleep(1000, never).then(() => clock.now());
  const worked = clock.standStill(systemClock.sleep(20, never)).then(() => clock.now());
  expect(await worked).toBe(0);
  expect(await slept).toBe(1000);
});
