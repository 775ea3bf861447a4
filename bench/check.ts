import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { hasCorpora, writeCheckProject } from './check-corpus.ts';
import { buildDist, repositoryRoot as root } from './commands.ts';
import { machine } from './machine.ts';
import { median, rounded } from './statistics.ts';
import { markdownTable } from './table.ts';

interface Took {
  readonly seconds: number;
  /** Highest resident memory, read while it runs; 0 where /proc is not to be had. */
  readonly peakMiB: number;
  readonly exit: number | null;
}

const peakOf = (pid: number | undefined): number => {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
};

/** Runs a command from a cold start to its end; its output is thrown away. */
const timed = (command: string, words: readonly string[], cwd: string): Promise<Took> =>
  new Promise((resolve, reject) => {
    const beganAtMs = performance.now();
    const child = spawn(command, words, { cwd, stdio: ['ignore', 'ignore', 'ignore'] });
    let peakMiB = 0;
    const look = setInterval(() => (peakMiB = Math.max(peakMiB, peakOf(child.pid))), 20);
    child.on('error', reject);
    child.on('close', (exit) => {
      clearInterval(look);
      resolve({ seconds: (performance.now() - beganAtMs) / 1000, peakMiB, exit });
    });
  });

const commandLine = join(root, 'dist/lockkeeper.mjs');
const ours = (directory: string): Promise<Took> => timed(process.execPath, [commandLine, 'check'], directory);

const squawkFile = join(root, `bench/node_modules/@squawk-cli/${process.platform}-${process.arch}/bin/squawk`);

const repeated = async (times: number, work: () => Promise<Took>): Promise<Took> => {
  const all: Took[] = [];
  for (let at = 0; at < times; at += 1) all.push(await work());
  const wrong = all.find(({ exit }) => exit !== 0 && exit !== 5 && exit !== 1);
  if (wrong !== undefined) throw new Error(`ended with exit code ${wrong.exit}`);
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)),
    exit: all[0]?.exit ?? null,
  };
};

/** How long `lockkeeper check` takes from a cold start, on many real migrations. */
export const check: Bench = {
  measure: async (say) => {
    if (!hasCorpora()) throw new Error('the corpora are not beside the checkout: ../shared/corpora');
    const where = machine();
    buildDist(say);
    const [thousand, many] = [writeCheckProject(1000), writeCheckProject(10_000)];
    try {
      say('1,000 migrations');
      const small = await repeated(3, () => ours(thousand.directory));
      say('10,000 migrations');
      const large = await repeated(1, () => ours(many.directory));
      say('squawk');
      const squawk = existsSync(squawkFile)
        ? await repeated(3, () => timed(squawkFile, [...thousand.plain], thousand.directory))
        : null;
      const figures = {
        seconds1000: rounded(small.seconds, 2),
        seconds10000: rounded(large.seconds, 2),
        peakMiB: rounded(Math.max(small.peakMiB, large.peakMiB), 0),
        squawkSeconds1000: squawk === null ? null : rounded(squawk.seconds, 2),
      };
      return {
        figures,
        how: `${where}. Real migrations of four public projects, ups and downs, repeated in schemas of their own; each a new process of the built command line; its output is thrown away; the median of three for 1,000, one for 10,000. squawk-cli 2.61 reads the ups alone, file by file.`,
        table: markdownTable(
          ['what', 'found', 'at most'],
          [
            ['1,000 migrations', `${figures.seconds1000} s`, '1.5 s'],
            ['10,000 migrations', `${figures.seconds10000} s`, '12 s'],
            ['memory at its highest', `${figures.peakMiB} MiB`, '400 MB'],
            ['squawk, 1,000 ups', figures.squawkSeconds1000 === null ? '–' : `${figures.squawkSeconds1000} s`, ''],
          ],
        ),
      };
    } finally {
      for (const { directory } of [thousand, many]) rmSync(directory, { recursive: true, force: true });
    }
  },
};
