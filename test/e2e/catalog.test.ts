import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { catalogueSchema } from '../../lib/analysis/index.ts';
import { cliProject } from '../support/cli-project.ts';
import { jsonLines } from '../support/run-cli.ts';

const project = cliProject();
afterAll(() => project.remove());
const pathOf = (name: string): string => join(project.directory, name);

const oddities = `
  CREATE TYPE app.mood AS ENUM ('sad');
  CREATE TABLE app.legacy (id int, amount numeric(10,2)[], mood app.mood DEFAULT 'sad', made timestamptz DEFAULT now(), twice int GENERATED ALWAYS AS (id * 2) STORED);
  CREATE TABLE app.events (at date, key int GENERATED ALWAYS AS IDENTITY) PARTITION BY RANGE (at);
  CREATE TABLE app.events_2026 PARTITION OF app.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  ALTER TABLE app.legacy ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
  ALTER TABLE app.legacy ADD account int REFERENCES app.accounts ON DELETE CASCADE;
  CREATE INDEX legacy_lower ON app.legacy (account, (id + 1)) WHERE id > 5;
  INSERT INTO app.accounts SELECT n, 'x' FROM generate_series(1, 20000) n;
  INSERT INTO app.legacy (id) SELECT n FROM generate_series(1, 1500) n;
  INSERT INTO app.events SELECT '2026-05-01' FROM generate_series(1, 30);
  ANALYZE app.accounts, app.legacy, app.events_2026`;

test('what a database holds is the base of a check: its columns, types and sizes', { timeout: 120_000 }, async () => {
  project.write(
    '20260101000000-create-accounts.sql',
    'CREATE SCHEMA app; CREATE TABLE app.accounts (id serial PRIMARY KEY, note varchar(100));',
    'DROP TABLE app.accounts; DROP SCHEMA app;',
  );
  await project.run('sum');
  expect((await project.run('up')).exit).toBe(0);
  await project.query(oddities);

  const { exit, out } = await project.run('catalog');
  expect(exit).toBe(0);
  const catalogue = catalogueSchema.parse(JSON.parse(out));
  const [line] = jsonLines((await project.run('catalog', '--json')).out);
  expect(line).toEqual({ version: 1, type: 'catalogue', ...catalogue });
  expect(catalogue.lastApplied).toBe('20260101000000');
  const relation = (name: string) => catalogue.relations.find((each) => each.name === name);
  expect(catalogue.relations.map(({ kind, name, rows }) => `${kind} ${name} ${rows}`)).toEqual([
    'table accounts 20000',
    'sequence accounts_id_seq null',
    'partitioned table events 30',
    'table events_2026 30',
    'sequence events_key_seq null',
    'table legacy 1500',
  ]);
  expect(relation('accounts')?.bytes).toBeGreaterThan(500_000);
  expect(relation('events')?.bytes).toBe(relation('events_2026')?.bytes);
  expect(relation('events_2026')?.parents).toEqual([{ schema: 'app', name: 'events' }]);
  expect(
    relation('legacy')?.columns.map(({ name, type, default: value, generated }) => [name, type, value, generated]),
  ).toEqual([
    ['id', 'integer', null, null],
    ['amount', 'numeric(10,2)[]', null, null],
    ['mood', 'app.mood', "'sad'::app.mood", null],
    ['made', 'timestamp with time zone', 'now()', null],
    ['twice', 'integer', null, 'stored'],
    ['account', 'integer', null, null],
  ]);
  expect(relation('accounts')?.columns.map(({ serial, notNull }) => [serial, notNull])).toEqual([
    [true, true],
    [false, false],
  ]);
  expect(relation('events')?.columns.map(({ identity }) => identity)).toEqual([null, 'always']);
  expect(
    relation('legacy')?.constraints.map(({ name, type, valid, expression, references }) => [
      name,
      type,
      valid,
      expression,
      references?.onDelete,
    ]),
  ).toEqual([
    ['legacy_account_fkey', 'foreign key', true, null, 'cascade'],
    ['positive', 'check', false, '(id > 0)', undefined],
  ]);
  expect(catalogue.indexes.find(({ name }) => name === 'legacy_lower')).toMatchObject({
    columns: ['account', null],
    partial: true,
    constraint: null,
  });
  expect(catalogue.indexes.find(({ name }) => name === 'accounts_pkey')?.constraint).toBe('accounts_pkey');

  writeFileSync(pathOf('catalog.json'), out);
  project.write(
    '20260102000000-widen-legacy-ids.sql',
    'ALTER TABLE app.legacy DROP COLUMN twice, ALTER id TYPE bigint;',
    'SELECT 1;',
  );
  project.write(
    '20260103000000-index-notes.sql',
    'CREATE INDEX accounts_note_idx ON app.accounts (note);',
    'DROP INDEX app.accounts_note_idx;',
  );
  await project.run('sum');
  const told = (await project.run('check', '--catalog', pathOf('catalog.json'))).out;
  expect(told).not.toContain('20260101000000');
  expect(told).toMatch(/takes ACCESS EXCLUSIVE on app\.legacy \(\d+ kB, 1\.5 k rows\) while the table is written anew/);
  expect(told).toMatch(
    /takes SHARE on app\.accounts \(1\.\d MB, 20 k rows\) while the index is built: writes to it wait/,
  );

  // without it nothing is known of a table that no migration made, nor of sizes
  expect((await project.run('check')).out).toContain('takes SHARE on app.accounts while the index is built');

  writeFileSync(pathOf('loose.sql'), 'CREATE INDEX ON app.accounts (note);\n');
  const report = JSON.parse(
    (await project.run('check', pathOf('loose.sql'), '--catalog', pathOf('catalog.json'), '--format', 'json')).out,
  ) as {
    files: { statements: { locks: unknown[] }[] }[];
  };
  expect(report.files[0]?.statements[0]?.locks).toEqual([
    {
      object: { kind: 'table', schema: 'app', name: 'accounts', rows: 20_000, bytes: relation('accounts')?.bytes },
      mode: 'SHARE',
      duration: 'build',
    },
  ]);

  writeFileSync(pathOf('catalog.json'), out.replace('"format": 1', '"format": 2'));
  const refused = await project.run('check', '--catalog', pathOf('catalog.json'));
  expect([refused.exit, refused.err.split('\n')]).toEqual([
    64,
    [
      `CatalogueInvalid: ${pathOf('catalog.json')}: format: Invalid input: expected 1`,
      'do: write it anew with: lockkeeper catalog > FILE',
      '',
    ],
  ]);
});
