import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LockkeeperError, LockkeeperErrors } from '../../lib/errors/index.ts';
import { compileProject, createMigration, readProject, rebase, writeSum } from '../../lib/project/index.ts';
import { projectJsonSchema } from '../../lib/project/json-schema.ts';

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

const one = '-- migrate:up\nCREATE TABLE one ();\n-- migrate:down\nDROP TABLE one;\n';
const two = one.replaceAll('one', 'two');
const good = { '20250101000000-make-one.sql': one, '20250102000000-make-two.sql': two };

/** A project in a new directory: files under `migrations/`, `lockkeeper.json` when given. */
const project = (files: Record<string, string | Buffer>, settings?: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-project-'));
  directories.push(directory);
  mkdirSync(join(directory, 'migrations'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, 'migrations', file)), { recursive: true });
    writeFileSync(join(directory, 'migrations', file), content);
  }
  if (settings !== undefined) writeFileSync(join(directory, 'lockkeeper.json'), settings);
  return directory;
};

/** Code and message of everything that is wrong with a project. */
const wrongWith = (act: () => unknown): string[] => {
  try {
    act();
  } catch (error) {
    const findings = error instanceof LockkeeperErrors ? error.findings : [error as LockkeeperError];
    return findings.map(({ code, message }) => `${code} ${message}`);
  }
  return [];
};

test('reads migrations in version order, whatever else lies beside them', () => {
  const directory = project({
    ...good,
    'README.md': 'read me',
    '.draft.sql': 'no',
    'notes.txt': 'no',
    'old/readme.txt': 'no',
  });
  writeSum(directory);
  const { changelog, settings, migrationsDirectory } = readProject(directory);
  expect(changelog.migrations.map(({ version, name }) => `${version} ${name}`)).toEqual([
    '20250101000000 make-one',
    '20250102000000 make-two',
  ]);
  expect(settings.ledgerSchema).toBe('lockkeeper');
  expect(migrationsDirectory).toBe(join(directory, 'migrations'));
});

test('all findings of a directory are thrown together', () => {
  const directory = project({
    'make-one.sql': one,
    '20250102000000-make-two.SQL': two,
    '20250103000000-no-down.sql': '-- migrate:up\nSELECT 1;\n',
    '20250104000000-nul.sql': 'a\0b',
    '20250105000000-latin.sql': Buffer.from([0x2d, 0x2d, 0xe4]),
    'sub/20250106000000-nested.sql': one,
  });
  expect(wrongWith(() => readProject(directory))).toEqual([
    'MigrationNameInvalid 20250102000000-make-two.SQL: not the name of a migration, expected YYYYMMDDHHMMSS-description.sql',
    'DownMissing 20250103000000-no-down.sql: no "-- migrate:down" section and no "-- irreversible: <steps>"',
    'FileUnreadable 20250104000000-nul.sql:1:2: a NUL byte, expected UTF-8 text',
    'FileUnreadable 20250105000000-latin.sql:1:3: a byte that is not UTF-8',
    'MigrationNameInvalid make-one.sql: not the name of a migration, expected YYYYMMDDHHMMSS-description.sql',
    'MigrationNameInvalid sub/20250106000000-nested.sql: a migration in a subdirectory, expected all in one directory',
  ]);
});

test('the sum is compared, and can be left out of account', () => {
  const directory = project(good);
  expect(wrongWith(() => readProject(directory))).toEqual([
    'SumMissing lockkeeper.sum: absent, but there are 2 migrations',
  ]);
  expect(wrongWith(() => readProject(directory, { ignoreSum: true }))).toEqual([]);
  writeSum(directory);
  writeFileSync(join(directory, 'migrations/20250101000000-make-one.sql'), `${one}\n`);
  expect(wrongWith(() => readProject(directory))).toEqual([
    'SumMismatch 20250101000000-make-one.sql: the file is not the one that lockkeeper.sum lists: it was edited',
  ]);
});

test('what is called .sql and is no file is told; a link to a file is read', () => {
  const directory = project({ ...good, 'linked/readme.txt': 'no', '20250105000000-folder.sql/readme.txt': 'no' });
  const at = (file: string): string => join(directory, 'migrations', file);
  const elsewhere = join(directory, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, '20250109000000-late.sql'), one);
  symlinkSync('nowhere', at('20250103000000-gone.sql'));
  symlinkSync('20250104000000-circle.sql', at('20250104000000-circle.sql'));
  symlinkSync(elsewhere, at('20250106000000-linked.sql'));
  symlinkSync(elsewhere, at('more'));
  symlinkSync(at('20250102000000-make-two.sql'), at('20250107000000-make-three.sql'));
  expect(wrongWith(() => readProject(directory, { ignoreSum: true }))).toEqual([
    'FileUnreadable 20250103000000-gone.sql: a symbolic link to what is not there, expected a file',
    'FileUnreadable 20250104000000-circle.sql: cannot be read (ELOOP)',
    'FileUnreadable 20250105000000-folder.sql: a directory, expected a file',
    'FileUnreadable 20250106000000-linked.sql: a directory, expected a file',
    'MigrationNameInvalid more/20250109000000-late.sql: a migration in a subdirectory, expected all in one directory',
  ]);
});

test.skipIf(process.getuid?.() === 0)(
  process.getuid?.() === 0
    ? 'skipped as root, who reads everything: a file without the right to read it is told'
    : 'a file without the right to read it is told',
  () => {
    const directory = project(good);
    chmodSync(join(directory, 'migrations/20250102000000-make-two.sql'), 0);
    expect(wrongWith(() => readProject(directory, { ignoreSum: true }))).toEqual([
      'FileUnreadable 20250102000000-make-two.sql: this user may not read it (EACCES)',
    ]);
  },
);

test('says that the directory is not there', () => {
  const directory = project({});
  expect(wrongWith(() => readProject(directory, { migrations: 'elsewhere' }))).toEqual([
    `DirectoryUnusable the directory of the migrations, ${join(directory, 'elsewhere')}, does not exist`,
  ]);
});

const settings = {
  ledgerSchema: 'gate',
  approval: 'destructive',
  stages: { staging: { approval: 'never' }, production: { lockTimeoutMs: 5000 } },
};

test('a stage replaces what it names and nothing else', () => {
  const directory = project({}, JSON.stringify(settings));
  const read = (stage?: string) => {
    const { ledgerSchema, approval, lockTimeoutMs } = readProject(directory, { stage }).settings;
    return { ledgerSchema, approval, lockTimeoutMs };
  };
  expect(read()).toEqual({ ledgerSchema: 'gate', approval: 'destructive', lockTimeoutMs: 900 });
  expect(read('staging')).toEqual({ ledgerSchema: 'gate', approval: 'never', lockTimeoutMs: 900 });
  expect(read('production')).toEqual({ ledgerSchema: 'gate', approval: 'destructive', lockTimeoutMs: 5000 });
  expect(readProject(directory).stages).toEqual(['staging', 'production']);
  expect(wrongWith(() => read('prod'))).toEqual([
    'SettingsInvalid lockkeeper.json: no stage "prod", found: staging, production',
  ]);
});

const keys =
  '$schema, migrations, rules, ledgerSchema, lockTimeoutMs, approval, snapshot, snapshotScope, migrateLeaseWaitSeconds, rollbackLeaseWaitSeconds, longTransactionSeconds, longTransactionWaitSeconds';

test.each([
  ['{ "lockRetry": 1 }', [`SettingsInvalid lockkeeper.json: unknown key lockRetry, known are: ${keys}, stages`]],
  [
    '{ "stages": { "a": { "lockRetry": 1 } } }',
    [`SettingsInvalid lockkeeper.json: unknown key stages.a.lockRetry, known are: ${keys}, stages`],
  ],
  [
    '{ "lockTimeoutMs": "1" }',
    ['SettingsInvalid lockkeeper.json: lockTimeoutMs: invalid input: expected number, received string'],
  ],
  [
    '{ "approval": "maybe" }',
    ['SettingsInvalid lockkeeper.json: approval: invalid option: expected one of "never"|"destructive"|"always"'],
  ],
  ['[]', ['SettingsInvalid lockkeeper.json: the file: invalid input: expected object, received array']],
  [
    '{\n  "approval": "never",\n}',
    ['SettingsInvalid lockkeeper.json:3:1: not JSON, expected a string in double quotes'],
  ],
  ['{\n  "approval": never\n}', ['SettingsInvalid lockkeeper.json:2:15: not JSON, expected a value']],
  ['{ "a": 1 "b": 2 }', ['SettingsInvalid lockkeeper.json:1:10: not JSON, expected "," or "}"']],
  ['{ "a" 1 }', ['SettingsInvalid lockkeeper.json:1:7: not JSON, expected ":"']],
  ['{} x', ['SettingsInvalid lockkeeper.json:1:4: not JSON, expected the end of the file']],
  ['', ['SettingsInvalid lockkeeper.json:1:1: not JSON, expected a value']],
])('refuses the settings %j', (text, findings) => {
  const directory = project({}, text);
  expect(wrongWith(() => readProject(directory))).toEqual(findings);
});

test('lockkeeper.schema.json is what the settings are read by', () => {
  const schema = join(import.meta.dirname, '../../lib/project/lockkeeper.schema.json');
  expect(JSON.parse(readFileSync(schema, 'utf8'))).toEqual(projectJsonSchema());
});

test('a new migration is later than all others and waits for its SQL', () => {
  const directory = project(good, '{ "migrations": "sql/steps" }');
  const path = createMigration(directory, 'Add the third', { nowEpochMs: Date.UTC(2025, 5, 1, 12, 30, 5) });
  expect(path).toBe(join(directory, 'sql/steps/20250601123005-add-the-third.sql'));
  expect(createMigration(directory, 'fourth', { nowEpochMs: Date.UTC(2025, 5, 1, 12, 30, 5) })).toBe(
    join(directory, 'sql/steps/20250601123006-fourth.sql'),
  );
  expect(readFileSync(path, 'utf8')).toBe('-- migrate:up\n\n\n-- migrate:down\n\n');
  expect(wrongWith(() => readProject(directory)).map((each) => each.split(' ')[0])).toEqual([
    'UpMissing',
    'DownMissing',
    'UpMissing',
    'DownMissing',
  ]);
  expect(wrongWith(() => createMigration(directory, '!?', { nowEpochMs: 0 }))).toEqual([
    'MigrationNameInvalid the description "!?" has no letter or digit, expected for example "add user email"',
  ]);
});

test('rebase renames late files, keeps their text and writes the sum', () => {
  const directory = project({
    ...good,
    '20250101000000-make-late.sql': one.replaceAll('one', 'late'),
    '20250103000000-make-next.sql': one.replaceAll('one', 'next'),
  });
  const applied = [
    { version: '20250101000000', name: 'make-one' },
    { version: '20250102000000', name: 'make-two' },
  ];
  expect(rebase(directory, { applied, nowEpochMs: Date.UTC(2025, 0, 3, 0, 0, 0) })).toEqual([
    { from: '20250101000000-make-late.sql', to: '20250103000000-make-late.sql' },
    { from: '20250103000000-make-next.sql', to: '20250103000001-make-next.sql' },
  ]);
  expect(readProject(directory).changelog.migrations.map(({ file, up }) => `${file} ${up.text.trim()}`)).toEqual([
    '20250101000000-make-one.sql CREATE TABLE one ();',
    '20250102000000-make-two.sql CREATE TABLE two ();',
    '20250103000000-make-late.sql CREATE TABLE late ();',
    '20250103000001-make-next.sql CREATE TABLE next ();',
  ]);
  expect(rebase(directory, { applied, nowEpochMs: 0 })).toEqual([]);
});

test('rebase never puts one file over another', () => {
  const directory = project({
    '20250101000000-step.sql': one,
    '20250103000000-step.sql': two,
    '20250102000000-done.sql': one.replaceAll('one', 'done'),
  });
  rebase(directory, {
    applied: [{ version: '20250102000000', name: 'done' }],
    nowEpochMs: Date.UTC(2025, 0, 3, 0, 0, 0),
  });
  expect(readProject(directory).changelog.migrations.map(({ file, up }) => `${file} ${up.text.trim()}`)).toEqual([
    '20250102000000-done.sql CREATE TABLE done ();',
    '20250103000000-step.sql CREATE TABLE one ();',
    '20250103000001-step.sql CREATE TABLE two ();',
  ]);
});

const rootOf = async (files: Record<string, string>, json: string): Promise<string> => {
  const directory = project(files, json);
  writeSum(directory);
  return (await compileProject(directory)).root;
};

test('the root names settings and migrations, whatever the order of the keys and the line ends', async () => {
  const root = await rootOf(good, '{ "approval": "always", "lockTimeoutMs": 300 }');
  expect(root).toMatch(/^[0-9a-f]{64}$/);
  const windows = Object.fromEntries(Object.entries(good).map(([file, text]) => [file, text.replaceAll('\n', '\r\n')]));
  expect(await rootOf(windows, '{ "lockTimeoutMs": 300, "snapshot": "destructive", "approval": "always" }')).toBe(root);
  expect(await rootOf(good, '{ "approval": "always" }')).not.toBe(root);
  expect(
    await rootOf({ ...good, '20250102000000-make-two.sql': one }, '{ "approval": "always", "lockTimeoutMs": 300 }'),
  ).not.toBe(root);
});
