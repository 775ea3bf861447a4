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

test.runIf(full)(
  full ? title : `${title} (skipped: it belongs to npm run test:full)`,
  { timeout: 600_000 },
  async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, '--json', '--sample', '11'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const report = JSON.parse(output) as Report;
    expect(report, said).toMatchObject({ violations: 0, failures: [] });
    expect(report.mutants.killed, said).toBe(report.mutants.tried);
    expect(report.schedules['single']).toBeGreaterThan(100);
    for (const part of ['pairs', 'runners', 'random', 'crashes'])
      expect(report.schedules[part], part).toBeGreaterThan(0);
  },
);
