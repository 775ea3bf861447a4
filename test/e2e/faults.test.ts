import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { checkSchedule, type Schedule } from '../faults/schedule.ts';

const script = new URL('../faults/run.ts', import.meta.url).pathname;

const scheduleWith = (service: string, kind: string, call: number): Schedule => ({
  seed: 1,
  part: 'single',
  start: 'installed',
  changelog: 'good',
  procedures: 'commit',
  runners: [{ machine: 'Migrate', input: {}, faults: [{ service: service as 'data', kind, call }] }],
});

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

test('a schedule that names an unknown service, kind or call is refused by name', () => {
  expect(() => checkSchedule(scheduleWith('data', 'reply-lost', 1))).not.toThrow();
  expect(() => checkSchedule(scheduleWith('mail', 'reply-lost', 1))).toThrow('unknown service: mail');
  expect(() => checkSchedule(scheduleWith('data', 'gremlins', 1))).toThrow('unknown fault of data: gremlins');
  expect(() => checkSchedule(scheduleWith('data', 'reply-lost', 0))).toThrow('call 0 of data');
});
