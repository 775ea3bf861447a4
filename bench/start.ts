import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Bench } from './bench.ts';
import { buildDist, repositoryRoot as root, run } from './commands.ts';
import { machine } from './machine.ts';
import { median, rounded } from './statistics.ts';
import { markdownTable } from './table.ts';

const commandLine = join(root, 'dist/lockkeeper.mjs');
const lambdaDirectory = join(root, 'dist/lambda');
/** The Lambdas' Node, where this platform's binary was installed. */
const newerNode = join(root, `bench/node_modules/node-${process.platform}-${process.arch}/bin/node`);

const secondsOf = (work: () => void): number => {
  const beganAtMs = performance.now();
  work();
  return (performance.now() - beganAtMs) / 1000;
};

const repeated = (times: number, measure: () => number): number => median(Array.from({ length: times }, measure));

/** `lockkeeper status` of the example in a directory of its own, where it was applied before and no server runs. */
const statusSeconds = (): number => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bench-'));
  try {
    cpSync(join(root, 'migrations'), join(directory, 'migrations'), { recursive: true });
    const settings = join(root, 'lockkeeper.json');
    if (existsSync(settings)) cpSync(settings, join(directory, 'lockkeeper.json'));
    run(directory, process.execPath, commandLine, 'up');
    return repeated(5, () => secondsOf(() => run(directory, process.execPath, commandLine, 'status')));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** How long a process that has just begun takes to import a module, in milliseconds. */
const loadMs = (node: string, path: string): number => {
  const script = `const began = performance.now(); await import(${JSON.stringify(path)}); process.stdout.write(String(performance.now() - began)); process.exit(0);`;
  const once = (): number =>
    Number(execFileSync(node, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
  return rounded(repeated(5, once), 1);
};

interface Bundle {
  readonly name: string;
  readonly bytes: number;
  readonly loadMs: number;
  /** Under Node 24; null where that is not to be had. */
  readonly loadMsNode24: number | null;
}

const bundles = (): Bundle[] =>
  readdirSync(lambdaDirectory)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => {
      const path = join(lambdaDirectory, file);
      return {
        name: basename(file, '.mjs'),
        bytes: statSync(path).size,
        loadMs: loadMs(process.execPath, path),
        loadMsNode24: existsSync(newerNode) ? loadMs(newerNode, path) : null,
      };
    });

/** What a newcomer and a cold function wait for. */
export const start: Bench = {
  measure: async (say) => {
    const where = machine();
    buildDist(say);
    say('loading the bundles');
    const loaded = bundles();
    say('npm start');
    const npmStartSeconds = rounded(
      secondsOf(() => run(root, 'npm', 'start')),
      2,
    );
    say('lockkeeper status');
    const status = rounded(statusSeconds(), 2);
    say('cdk synth');
    const synthSeconds = rounded(
      repeated(3, () => secondsOf(() => run(root, 'npm', 'run', '--silent', 'synth'))),
      2,
    );
    const newer = existsSync(newerNode)
      ? `Node ${execFileSync(newerNode, ['--version'], { encoding: 'utf8' }).trim().slice(1)}`
      : 'no Node 24 (its binary is not installed in bench/)';
    const figures = { npmStartSeconds, statusSeconds: status, synthSeconds, bundles: loaded };
    return {
      figures,
      how: `${where}; bundles also under ${newer}. npm start once, status and imports the median of five new processes, synth of three.`,
      table: markdownTable(
        ['what', 'found', 'at most'],
        [
          ['npm start', `${npmStartSeconds} s`, '20 s'],
          ['lockkeeper status', `${status} s`, '1.5 s'],
          ['cdk synth', `${synthSeconds} s`, '8 s'],
          ...loaded.flatMap(({ name, bytes, loadMs: ms, loadMsNode24 }) => [
            [`${name}.mjs`, `${rounded(bytes / 1000, 0)} kB`, '1,000 kB'],
            [`… imported, Node ${process.versions.node}`, `${ms} ms`, '300 ms'],
            [`… imported, ${newer}`, loadMsNode24 === null ? '–' : `${loadMsNode24} ms`, '300 ms'],
          ]),
        ],
      ),
    };
  },
};
