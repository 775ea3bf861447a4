import { expect, test } from 'vitest';
import { type Catalogue, loadParser } from '../../lib/analysis/index.ts';
import { checkChangelog } from '../../lib/check/index.ts';
import { changelogOf, parseMigration, runSettingsSchema } from '../../lib/migration/index.ts';
import { sizeWords } from '../../lib/rules/words.ts';

await loadParser();

const column = (name: string, type: string) => ({
  name,
  type,
  notNull: false,
  default: null,
  identity: null,
  generated: null,
  serial: false,
});
const table = (name: string, columns: ReturnType<typeof column>[]): Catalogue['relations'][number] => ({
  kind: 'table',
  schema: 'public',
  name,
  rows: 14_000_000,
  bytes: 2_254_857_830,
  parents: [],
  columns,
  constraints: [],
});
const catalogue = (...relations: Catalogue['relations']): Catalogue => ({
  format: 1,
  lastApplied: '20260101000000',
  relations,
  indexes: [],
});

/** Of the last migration: each lock and loss of its up. */
const last = (ups: readonly string[], known?: Catalogue): string[] => {
  const migrations = ups.map((up, at) => {
    const text = `-- migrate:up\n${up}\n-- migrate:down\nSELECT 1;\n`;
    const { migration, findings } = parseMigration(`2026010${at + 1}000000-step.sql`, text);
    if (migration === null) throw findings[0];
    return migration;
  });
  const settings = runSettingsSchema.parse({});
  const { files } = checkChangelog(changelogOf(migrations), settings, undefined, { catalogue: known });
  return (files.at(-1)?.statements ?? [])
    .filter(({ section }) => section === 'up')
    .flatMap(({ locks, loss }) => [
      loss,
      ...locks.map(({ object: { schema, name, rows }, duration }) => `${schema}.${name} ${duration} ${rows}`),
    ]);
};

const made = 'CREATE TABLE users (id int, note text);';

test('a column has the type that the database gives it, not the one that the files do', () => {
  const widen = 'ALTER TABLE users ALTER id TYPE bigint;';
  expect(last([made, widen])).toEqual(['none', 'null.users rewrite undefined']);
  const real = catalogue(table('users', [column('id', 'bigint'), column('note', 'text')]));
  expect(last([made, widen], real)).toEqual(['none', 'null.users instant 14000000']);
});

test('what migrations after the catalogue make lies on top of it, and is new to nobody else', () => {
  const real = catalogue(table('users', [column('id', 'integer')]));
  const add = 'ALTER TABLE users ADD code varchar(10);';
  expect(last([made, add, 'ALTER TABLE users ALTER code TYPE varchar(20);'], real)).toEqual([
    'none',
    'null.users instant 14000000',
  ]);
  expect(last([made, 'CREATE TABLE fresh (a int); ALTER TABLE fresh ALTER a TYPE bigint;'], real)).toEqual([
    'none',
    'none',
  ]);
});

test.each([
  [{ rows: 14_000_000, bytes: 2_254_857_830 }, ' (2.1 GB, 14 M rows)'],
  [{ rows: 1, bytes: 8192 }, ' (8 kB, 1 row)'],
  [{ rows: 0, bytes: 0 }, ' (0 bytes, 0 rows)'],
  [{ rows: 1500 }, ' (1.5 k rows)'],
  [{ bytes: 5_368_709_120_000 }, ' (4.9 TB)'],
  [{}, ''],
])('the size %o is told as %s', (size, words) => {
  expect(sizeWords(size)).toBe(words);
});
