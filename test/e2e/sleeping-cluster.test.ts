import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestOf, table } from '../support/changelog.ts';
import { startTestServer, type TestServer } from '../support/postgres.ts';
import { openVirtualStack, type VirtualStack, type VirtualStackOptions } from '../support/virtual-stack.ts';

let server: TestServer;
beforeAll(async () => void (server = await startTestServer()));
afterAll(() => server.stop());

const manifest = manifestOf(
  [
    table('a'),
    '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY a_idx;\n',
    table('b'),
  ],
  { snapshot: 'never' },
);

const withStack = async <Result>(
  options: Pick<VirtualStackOptions, 'autoPause' | 'onRequest'>,
  work: (stack: VirtualStack) => Promise<Result>,
): Promise<Result> => {
  const stack = await openVirtualStack({ manifest, url: await server.createDatabase(), ...options });
  try {
    return await work(stack);
  } finally {
    await stack.close();
  }
};

/** A stack, and whether its cluster sleeps: from its n-th call, for so many seconds. */
const withSleeper = async <Result>(
  work: (stack: VirtualStack, sleepAt: (call: number, seconds: number) => void) => Promise<Result>,
): Promise<Result> => {
  let [from, seconds, awakeAt] = [0, 0, 0];
  const onRequest: VirtualStackOptions['onRequest'] = ({ time }, { index }) => {
    if (index === from) awakeAt = time.now() + seconds * 1000;
    return time.now() < awakeAt ? { fault: 'resuming' } : 'pass';
  };
  return withStack({ onRequest }, (stack) => work(stack, (call, forSeconds) => ([from, seconds] = [call, forSeconds])));
};

const upAndDown = async (stack: VirtualStack, at: string): Promise<void> => {
  expect(await stack.run('Migrate'), at).toMatchObject({ status: 'SUCCEEDED', output: { applied: 3 } });
  expect(await stack.run('Rollback', { to: 'none' }), at).toMatchObject({
    status: 'SUCCEEDED',
    output: { reverted: 3 },
  });
};

/** A run up and one down, again and again, while the cluster sleeps at each of the calls that `choose` names of all that they make. */
const sleepsAt = (choose: (calls: number) => readonly number[], lasting: readonly number[]): Promise<void> =>
  withSleeper(async (stack, sleepAt) => {
    await upAndDown(stack, 'on a new database');
    const before = stack.calls();
    await upAndDown(stack, 'undisturbed');
    const calls = stack.calls() - before;
    expect(calls).toBeGreaterThan(20);
    for (const call of choose(calls))
      for (const seconds of lasting) {
        sleepAt(stack.calls() + call, seconds);
        const began = stack.time.now();
        const at = `asleep for ${seconds} s from call ${call}`;
        await upAndDown(stack, at);
        const tookSeconds = (stack.time.now() - began) / 1000;
        expect(tookSeconds, at).toBeGreaterThanOrEqual(seconds);
        expect(tookSeconds, at).toBeLessThan(seconds + 30);
      }
  });

test('a cluster that paused before the run wakes at its first call, and the run waits a minute for it', async () => {
  await withStack({ autoPause: { afterMs: 300_000, resumesInMs: 60_000 } }, async (stack) => {
    await stack.time.pass(300_001);
    const began = stack.time.now();
    expect(await stack.run('Migrate')).toMatchObject({ status: 'SUCCEEDED', output: { applied: 3 } });
    expect(stack.time.now() - began).toBeGreaterThanOrEqual(60_000);
    expect(stack.time.now() - began).toBeLessThan(90_000);
    expect(stack.invoked.filter(({ action }) => action === 'check')).toHaveLength(6);
  });
});

test('a cluster that needs three minutes to wake fails no run', () =>
  withSleeper(async (stack, sleepAt) => {
    sleepAt(1, 180);
    await upAndDown(stack, 'asleep from the first call');
  }));

test('a cluster that sleeps for a minute at the start, in the middle or at the end of a run up and of one down fails neither', () =>
  sleepsAt((calls) => [1, ...[2, 4, 6].map((part) => Math.round((calls * part) / 8)), calls], [60]));

const full = process.env['LOCKKEEPER_FULL'] !== undefined;
const title = 'a cluster that sleeps for 15, 30 or 60 s at any call of a run up or down fails neither';

test.runIf(full)(full ? title : `${title} (skipped: it belongs to npm run test:full)`, { timeout: 600_000 }, () =>
  sleepsAt((calls) => Array.from({ length: calls }, (_, index) => index + 1), [15, 30, 60]),
);
