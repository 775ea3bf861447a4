import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readOptions } from '../faults/options.ts';
import { Progress } from '../faults/progress.ts';

const directory = mkdtempSync(join(tmpdir(), 'faults-options-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('without options everything is played once, in two processes', () => {
  expect(readOptions([])).toEqual({
    json: false,
    full: false,
    seed: null,
    only: null,
    sample: 1,
    processes: 2,
    progress: undefined,
    fresh: false,
    share: false,
  });
  const progress = join(directory, 'new.jsonl');
  expect(
    readOptions(['--full', '--progress', progress, '--only', 'pairs,mutants', '--sample', '3', '--processes', '4']),
  ).toMatchObject({ full: true, progress, only: new Set(['pairs', 'mutants']), sample: 3, processes: 4 });
  expect(readOptions(['--seed', '1000298'])).toMatchObject({ seed: 1000298 });
});

test.for([
  ['--only nonsense', /^--only names an unknown part: nonsense; known are single, fallback/],
  ['--seed abc', '--seed is "abc", expected a whole number from 0'],
  ['--seed 1.5', '--seed is "1.5", expected a whole number from 0'],
  ['--seed=-1', '--seed is "-1", expected a whole number from 0'],
  ['--seed 99999999999999999999', '--seed is "99999999999999999999", expected a whole number from 0'],
  ['--processes 0', '--processes is "0", expected a whole number from 1'],
  ['--processes many', '--processes is "many", expected a whole number from 1'],
  ['--sample 0', '--sample is "0", expected a whole number from 1'],
  ['--sample 1e3', '--sample is "1e3", expected a whole number from 1'],
  ['--full --progress /nonexistent/x', '--progress names /nonexistent/x, and /nonexistent does not exist'],
  ['--full --progress /tmp', '--progress names /tmp, which is no file'],
  ['--progress x', '--progress is about what a full run keeps, and --full is not there'],
  ['--fresh', '--fresh is about what a full run keeps, and --full is not there'],
  ['--seed 1000298 --only pairs', '--seed plays one schedule again, and --only is about a run of many'],
  ['--seed 1000298 --json', '--seed plays one schedule again, and --json is about a run of many'],
  ['--sedd 1', /^unknown option '--sedd'; known are --json, --full, --seed,/],
  ['1000298', /^unexpected argument '1000298'/],
  ['--seed', /^option '--seed <value>' argument missing; known are/],
] as const)('%s is refused: %s', ([line, said]) => {
  expect(() => readOptions(line.split(' '))).toThrow(said);
});

test('a file that a fault run did not write is neither read nor forgotten', () => {
  const file = join(directory, 'notes.txt');
  for (const notes of ['buy bread\nand butter\n', '{"bread":1}\n']) {
    writeFileSync(file, notes);
    const progress = new Progress(file);
    expect(() => progress.read()).toThrow(`${file}:1 is no report of a fault run; name another file by --progress`);
    expect(() => progress.forget()).toThrow('is no report of a fault run');
    expect(readFileSync(file, 'utf8')).toBe(notes);
  }
});

test('a line that was cut off is taken away, the others are read again', () => {
  const file = join(directory, 'cut.jsonl');
  const report = { seed: 1000000, part: 'single', ms: 3, violations: [] } as const;
  new Progress(file).add(report);
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"seed":10000`);
  expect(new Progress(file).read()).toEqual([report]);
  expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(report)}\n`);
});
