import { expect, test } from 'vitest';
import {
  changelogOf,
  type Migration,
  parseMigration,
  planRebase,
  readChangelog,
  renderSum,
  verifySum,
} from '../../lib/migration/index.ts';

const migration = (version: string, name: string, sql = 'SELECT 1'): Migration => {
  const parsed = parseMigration(`${version}-${name}.sql`, `-- migrate:up\n${sql};\n-- migrate:down\nSELECT 2;\n`);
  if (parsed.migration === null) throw parsed.findings[0];
  return parsed.migration;
};
const a = migration('20250101000000', 'make-a');
const b = migration('20250102000000', 'make-b');
const c = migration('20250103000000', 'make-c');
const sumOf = (...migrations: Migration[]): string => renderSum(changelogOf(migrations));
const messages = (migrations: Migration[], text: string | null): string[] =>
  verifySum(changelogOf(migrations), text).map(({ code, message }) => `${code} ${message}`);

test('the sum has a header and one line a migration, each covering all before it', () => {
  expect(sumOf(a, b)).toBe(
    [
      'lockkeeper-sum-1 fe140738fe9564b91410fbd10afd4c3fbc22fc9c222bc1ef8dc9f3b118953a08',
      '20250101000000-make-a.sql 984b0ce001128cdf70d4a6661b137d5f1d0cf12bdcf1863c5fc9aa9a0568487a',
      '20250102000000-make-b.sql fe140738fe9564b91410fbd10afd4c3fbc22fc9c222bc1ef8dc9f3b118953a08',
      '',
    ].join('\n'),
  );
});

test('what was rendered verifies, with either line end', () => {
  expect(messages([a, b, c], sumOf(c, a, b))).toEqual([]);
  expect(messages([a, b, c], sumOf(a, b, c).replaceAll('\n', '\r\n'))).toEqual([]);
  expect(messages([], null)).toEqual([]);
});

test('says that the sum is missing', () => {
  expect(messages([a, b], null)).toEqual(['SumMissing lockkeeper.sum: absent, but there are 2 migrations']);
});

test('names the edited file, and only that', () => {
  expect(messages([a, migration('20250102000000', 'make-b', 'SELECT 3'), c], sumOf(a, b, c))).toEqual([
    'SumMismatch 20250102000000-make-b.sql: the file is not the one that lockkeeper.sum lists: it was edited',
  ]);
});

test('names the removed file, also the last', () => {
  expect(messages([a, c], sumOf(a, b, c))).toEqual([
    'SumMismatch lockkeeper.sum:3: 20250102000000-make-b.sql is listed, but the file is not there: it was removed or renamed',
  ]);
  expect(messages([a, b], sumOf(a, b, c))).toHaveLength(1);
});

test('names the added file', () => {
  expect(messages([a, b, c], sumOf(a, c))).toEqual([
    'SumMismatch 20250102000000-make-b.sql: not listed in lockkeeper.sum: it was added',
  ]);
});

test('finds a list that was reordered by hand', () => {
  const [header, first, second, third] = sumOf(a, b, c).split('\n');
  expect(messages([a, b, c], [header, first, third, second, ''].join('\n'))).toEqual([
    'SumMismatch 20250103000000-make-c.sql: the file is not the one that lockkeeper.sum lists: it was edited',
    'SumMismatch lockkeeper.sum:4: 20250102000000-make-b.sql stands after 20250103000000-make-c.sql: the list is out of order',
  ]);
});

test('finds a merge that git made without a conflict', () => {
  const ours = sumOf(a, b).split('\n');
  const theirs = sumOf(a, c).split('\n');
  const merged = [theirs[0], ours[1], ours[2], theirs[2], ''].join('\n');
  expect(messages([a, b, c], merged)).toEqual([
    'SumMismatch 20250103000000-make-c.sql: the file is not the one that lockkeeper.sum lists: it was edited',
  ]);
});

test.each([
  [
    '<<<<<<< HEAD\n',
    'SumMismatch lockkeeper.sum:1: a merge conflict; put the migrations in order, then write the file anew with: lockkeeper sum',
  ],
  ['', 'SumMismatch lockkeeper.sum:1: not a header, expected "lockkeeper-sum-1" and 64 hex digits'],
  [`lockkeeper-sum-1 ${'0'.repeat(64)}\nx\n`, 'SumMismatch lockkeeper.sum:2: not a line of the form "file chain"'],
])('refuses %j as a sum', (text, message) => {
  expect(messages([a], text)).toEqual([message]);
});

test('finds a header that does not belong', () => {
  expect(messages([a], sumOf(a).replace(/ \w+/, ` ${'0'.repeat(64)}`))).toEqual([
    'SumMismatch lockkeeper.sum:1: the header is not the chain of the last line',
  ]);
});

test('finds a line twice', () => {
  const lines = sumOf(a).split('\n');
  expect(messages([a], [lines[0], lines[1], lines[1], ''].join('\n'))).toEqual([
    'SumMismatch lockkeeper.sum:3: 20250101000000-make-a.sql is listed twice',
  ]);
});

test('the order of the files does not matter', () => {
  expect(sumOf(c, b, a)).toBe(sumOf(a, b, c));
});

test('refuses two files with one version', () => {
  const text = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n';
  const { findings } = readChangelog([
    { file: '20250101000000-one.sql', text },
    { file: '20250101000000-other.sql', text },
  ]);
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'VersionDuplicate 20250101000000-other.sql: version 20250101000000 is also that of 20250101000000-one.sql',
  ]);
});

const file = (version: string, name: string) => ({ file: `${version}-${name}.sql`, version, name });

test('rebase leaves pending migrations alone that are later than all applied ones', () => {
  expect(
    planRebase(
      [file('20250101000000', 'a'), file('20250102000000', 'b')],
      [{ version: '20250101000000', name: 'a' }],
      '20250601120000',
    ),
  ).toEqual([]);
});

test('rebase moves from the first late one on, so that the order stays', () => {
  const files = ['20250101000000', '20250102000000', '20250103000000', '20250104000000'].map((version, at) =>
    file(version, 'abcd'[at] ?? ''),
  );
  const applied = [
    { version: '20250101000000', name: 'a' },
    { version: '20250103000000', name: 'c' },
  ];
  expect(planRebase(files, applied, '20250601235959')).toEqual([
    { from: '20250102000000-b.sql', to: '20250601235959-b.sql' },
    { from: '20250104000000-d.sql', to: '20250602000000-d.sql' },
  ]);
});

test('rebase gives the second of two files with one version a later one, even when the clock is behind', () => {
  const files = [file('20251231235959', 'a'), file('20251231235959', 'b')];
  expect(planRebase(files, [], '20250101000000')).toEqual([
    { from: '20251231235959-b.sql', to: '20260101000000-b.sql' },
  ]);
});
