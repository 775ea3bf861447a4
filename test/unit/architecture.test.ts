import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const sources = ['bin', 'lib', 'lambdas'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(top, name)),
);

interface Import {
  readonly from: string;
  readonly room: string;
  readonly to: string;
}

const roomOf = (path: string): string => {
  const [top, second] = path.split('/');
  return top === 'lib' && second !== undefined && !second.endsWith('.ts') ? `lib/${second}` : (top ?? '');
};

const imports: readonly Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'/g)].map(
    (match) => {
      const target = match[1] ?? match[2] ?? '';
      const to = target.startsWith('.') ? roomOf(relative(root, resolve(root, dirname(file), target))) : target;
      return { from: file, room: roomOf(file), to };
    },
  );
});

/** Room → the rooms it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'lib/errors': [],
  'lib/migration': ['lib/errors'],
  'lib/analysis': ['lib/errors', 'lib/migration'],
  'lib/rules': ['lib/migration', 'lib/analysis'],
  'lib/check': ['lib/errors', 'lib/migration', 'lib/analysis', 'lib/rules'],
  'lib/project': ['lib/errors', 'lib/migration', 'lib/analysis'],
  'lib/ledger': ['lib/errors', 'lib/migration'],
  'lib/workflow': ['lib/errors', 'lib/migration', 'lib/ledger'],
  'lib/dataapi': ['lib/errors', 'lib/ledger'],
  'lib/aws': ['lib/errors', 'lib/workflow'],
  'lib/infra': ['lib/errors', 'lib/migration', 'lib/project', 'lib/workflow'],
  'lib/local': ['lib/errors', 'lib/migration', 'lib/project', 'lib/ledger', 'lib/workflow', 'lib/dataapi'],
  'lib/prove': ['lib/errors', 'lib/migration', 'lib/analysis', 'lib/project', 'lib/local'],
  'lib/cli': [
    'lib/errors',
    'lib/migration',
    'lib/analysis',
    'lib/project',
    'lib/ledger',
    'lib/workflow',
    'lib/dataapi',
    'lib/local',
    'lib/prove',
    'lib/rules',
    'lib/check',
  ],
  lambdas: ['lib/errors', 'lib/migration', 'lib/ledger', 'lib/workflow', 'lib/dataapi', 'lib/aws'],
};

const pure = new Set([
  'lib/errors',
  'lib/migration',
  'lib/analysis',
  'lib/rules',
  'lib/check',
  'lib/ledger',
  'lib/workflow',
]);

test('a room imports only the rooms that the graph allows', () => {
  const wrong = imports
    .filter(({ to }) => to.startsWith('lib/') || to === 'lambdas' || to === 'bin' || to === 'test')
    .filter(({ room, to }) => room in allowed && room !== to && !allowed[room]?.includes(to));
  expect(wrong).toEqual([]);
});

test('a pure room imports no SDK, no CDK and nothing of Node but createHash', () => {
  const wrong = imports.filter(
    ({ room, to }) => pure.has(room) && /^(node:|@aws-|aws-cdk|constructs)/.test(to) && to !== 'node:crypto',
  );
  expect(wrong).toEqual([]);
});

test('a pure room reads no clock and no environment', () => {
  const wrong = sources.filter(
    (file) =>
      pure.has(roomOf(file)) &&
      /process\.env|Date\.now\(|new Date\(\)|Math\.random\(/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(wrong).toEqual([]);
});

test('of node:crypto a pure room takes createHash only', () => {
  const wrong = sources.filter((file) => {
    const line = /import \{([^}]*)\} from 'node:crypto'/.exec(readFileSync(join(root, file), 'utf8'))?.[1];
    return pure.has(roomOf(file)) && line !== undefined && line.trim() !== 'createHash';
  });
  expect(wrong).toEqual([]);
});

test('the parser stands behind one wall', () => {
  expect([...new Set(imports.filter(({ to }) => to === 'libpg-query').map(({ from }) => from))]).toEqual([
    'lib/analysis/parse.ts',
  ]);
});

test('constructs import no SDK client, functions no CDK', () => {
  const wrong = imports.filter(
    ({ room, to }) =>
      (room === 'lib/infra' && to.startsWith('@aws-sdk/')) ||
      (room === 'lambdas' && /^(aws-cdk-lib|constructs)/.test(to)),
  );
  expect(wrong).toEqual([]);
});

test('no file of the project is longer than 400 lines', () => {
  const long = sources.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400);
  expect(long).toEqual([]);
});
