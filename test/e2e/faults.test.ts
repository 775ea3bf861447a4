import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const script = new URL('../faults/run.ts', import.meta.url).pathname;

interface Report {
  readonly schedules: Readonly<Record<string, number>>;
  readonly violations: number;
  readonly failures: readonly number[];
  readonly mutants: { readonly tried: number; readonly killed: number };
}

const full = process.env['LOCKKEEPER_FULL'] !== undefined;
const title =
  'no fault of a sample over all calls, pairs, runners and crashes breaks an invariant; every rule that is taken out is missed';

const faults = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    // the SDK's words about this Node
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [output, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, said, code: await ended };
};

test.for([
  [['--only', 'nonsense'], /^--only names an unknown part: nonsense; known are [a-z, ]+\n$/],
  [['--seed', '1999999'], /^the seed 1999999 is past the last of single; it has 1000000 to 100\d{4}\n$/],
] as const)('npm run faults -- %j ends with 64 and one line', { timeout: 60_000 }, async ([args, said]) => {
  expect(await faults(...args)).toEqual({ output: '', said: expect.stringMatching(said), code: 64 });
});

test.runIf(full)(
  full ? title : `${title} (skipped: it belongs to npm run test:full)`,
  { timeout: 600_000 },
  async () => {
    const { output, said } = await faults('--json', '--sample', '11');
    const report = JSON.parse(output) as Report;
    expect(report, said).toMatchObject({ violations: 0, failures: [] });
    expect(report.mutants.killed, said).toBe(report.mutants.tried);
    expect(report.schedules['single']).toBeGreaterThan(100);
    for (const part of ['pairs', 'runners', 'random', 'crashes'])
      expect(report.schedules[part], part).toBeGreaterThan(0);
  },
);
