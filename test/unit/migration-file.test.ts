import { expect, test } from 'vitest';
import { parseFileName, parseMigration, slugOf } from '../../lib/migration/index.ts';

const file = '20251016120000-add-email.sql';
const whole = '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n';

/** Code and message of each finding in a file. */
const findingsOf = (text: string, name = file): string[] =>
  parseMigration(name, text).findings.map(({ code, message }) => `${code} ${message}`);

test.each([
  ['20251016120000-add-email.txt', 'not the name of a migration'],
  ['add-email.sql', 'not the name of a migration'],
  ['20251016120000_add_email.sql', 'not the name of a migration'],
  ['2025101612000-add-email.sql', 'the timestamp has 13 digits'],
  ['20251316120000-add-email.sql', '20251316120000 is not an instant of the calendar'],
  ['20250229000000-add-email.sql', '20250229000000 is not an instant of the calendar'],
  ['20251016246000-add-email.sql', '20251016246000 is not an instant of the calendar'],
  ['20251016120000-.sql', 'the description is empty'],
  ['20251016120000-Add-Email.sql', 'the description "Add-Email" is not kebab-case'],
  ['20251016120000-add--email.sql', 'the description "add--email" is not kebab-case'],
  ['20251016120000-add_email.sql', 'the description "add_email" is not kebab-case'],
])('refuses the file name %s', (name, found) => {
  expect(parseFileName(name)).toMatchObject({
    code: 'MigrationNameInvalid',
    message: `${name}: ${found}, expected YYYYMMDDHHMMSS-description.sql`,
  });
});

test('accepts 29 February in a leap year', () => {
  expect(parseFileName('20240229235959-a-b.sql')).toEqual({
    file: '20240229235959-a-b.sql',
    version: '20240229235959',
    name: 'a-b',
  });
});

test('a description becomes kebab-case', () => {
  expect(slugOf("Füge user's E-Mail hinzu!")).toBe('fuge-user-s-e-mail-hinzu');
});

test('reads sections, options and directives', () => {
  const { migration } = parseMigration(
    file,
    [
      '-- an ordinary comment, see https://example.com',
      '-- phase: contract',
      '-- change: drop the old address',
      '-- flag: new-address',
      '',
      '-- migrate:up transaction:false',
      'VACUUM a;',
      '-- migrate:down',
      'SELECT 2;',
      '-- migrate:verify',
      'SELECT true;',
    ].join('\n'),
  );
  expect(migration).toMatchObject({
    version: '20251016120000',
    name: 'add-email',
    phase: 'contract',
    change: 'drop the old address',
    flag: 'new-address',
    irreversible: null,
    up: { text: 'VACUUM a;\n', line: 7, transactional: false },
    down: { text: 'SELECT 2;\n', line: 9, transactional: true },
    verify: { text: 'SELECT true;', line: 11, transactional: true },
  });
});

test('irreversible goes on over the comment lines below it', () => {
  const { migration } = parseMigration(
    file,
    '-- irreversible: restore the snapshot,\n--   then: switch the application\n-- and tell the shop\n\n-- no more of it\n-- migrate:up\nSELECT 1;\n',
  );
  expect(migration?.irreversible).toBe('restore the snapshot,\nthen: switch the application\nand tell the shop');
  expect(migration?.down).toBeNull();
});

test('keeps the reason of lockkeeper:allow with its line', () => {
  const { migration } = parseMigration(
    file,
    whole.replace('SELECT 2', '-- lockkeeper:allow drop-table nobody reads it\nSELECT 2'),
  );
  expect(migration?.allows).toEqual([{ rule: 'drop-table', reason: 'nobody reads it', line: 4 }]);
});

test.each([
  ['', ['UpMissing', 'DownMissing']],
  ['-- migrate:down\nSELECT 1;', ['UpMissing']],
  ['-- migrate:up\n-- nothing\n-- migrate:down\nSELECT 1;', ['UpMissing']],
  ['-- migrate:up\nSELECT 1;', ['DownMissing']],
  ['-- migrate:up\nSELECT 1;\n-- migrate:down\n  /* nothing */ -- here\n', ['DownMissing']],
  [`-- irreversible:\n${whole}`, ['DirectiveInvalid']],
  [`-- irreversible: restore\n${whole}`, ['DirectiveInvalid']],
  [`${whole}-- migrate:verify\n`, ['VerifyInvalid']],
  [`${whole}-- migrate:redo\nSELECT 1;`, ['MarkerUnknown']],
  [`${whole}--migrate: verify\nSELECT 1;`, ['MarkerUnknown']],
  [`${whole}-- Migrate:verify\nSELECT 1;`, ['MarkerUnknown']],
  [`${whole}-- migrate:verify transaction:false\nSELECT 1;`, ['MarkerUnknown']],
  ['-- migrate:up transaction:no\nSELECT 1;\n-- migrate:down\nSELECT 2;', ['MarkerUnknown']],
  ['-- migrate:up\nSELECT 1; -- migrate:down\nSELECT 2;', ['MarkerUnknown']],
  [`${whole}-- migrate:up\nSELECT 1;`, ['MarkerRepeated']],
  [`-- author: me\n${whole}`, ['DirectiveUnknown']],
  [`-- Phase: expand\n${whole}`, ['DirectiveUnknown']],
  [`-- phase: later\n${whole}`, ['DirectiveInvalid']],
  [`-- flag:\n${whole}`, ['DirectiveInvalid']],
  [`-- flag: a\n-- flag: b\n${whole}`, ['DirectiveInvalid']],
  [`${whole}-- lockkeeper:ignore a b`, ['DirectiveUnknown']],
  [`${whole}-- lockkeeper:allow`, ['DirectiveInvalid']],
  [`${whole}-- lockkeeper:allow drop-table`, ['DirectiveInvalid']],
  [`-- lockkeeper:allow drop-table because\n${whole}`, ['DirectiveInvalid']],
  [`SELECT 0;\n${whole}`, ['StatementRefused']],
  ["-- migrate:up\nSELECT 'a;\n-- migrate:down\nSELECT 2;", ['SqlSyntaxInvalid']],
])('finds what is wrong with %j', (text, codes) => {
  expect(parseMigration(file, text).findings.map(({ code }) => code)).toEqual(codes);
});

const dashed = '-- migrate:down';
test.each([
  ['-- Migrate:Down', dashed],
  ['--- migrate:down', dashed],
  ['-- migrate down', dashed],
  ['-- migrate : down', dashed],
  ['-- migrate-down', dashed],
  ['-- +migrate Down', dashed],
  ['/* migrate:down */', dashed],
  ['/*\n * migrate:down\n */', null],
  ['-- migrate\uff1adown', dashed],
  ['-- m\u200bigrate:down', dashed],
  ['--\u00a0migrate:down', dashed],
  ['--\ufeff migrate:down', dashed],
  ['-- \uff4d\uff49grate:down', dashed],
  ['-- migrate:down\u00a0', dashed],
  ['-- migrate:down;', dashed],
  ['-- migrations:down', dashed],
  ['-- migrate: down below', dashed],
  ['-- migrate:down transaction: false', '-- migrate:down transaction:false'],
  ['-- migrate down transaction:false', '-- migrate:down transaction:false'],
  ['-- migrate:dwon', '-- migrate:up, -- migrate:down or -- migrate:verify'],
])('%j is an error and never a comment', (comment, expected) => {
  const { findings } = parseMigration(file, `-- irreversible: no\n-- migrate:up\nSELECT 1;\n${comment}\nSELECT 2;\n`);
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual(
    expected === null ? [] : [expect.stringMatching(/^MarkerUnknown 20251016120000-add-email\.sql:4:1: un/)],
  );
  if (expected !== null && !comment.includes(' transaction: ') && !comment.endsWith(';') && !comment.endsWith('below'))
    expect(findings[0]?.message).toContain(`, expected ${expected}`);
});

test('an invisible character in a marker is shown', () => {
  expect(findingsOf(`${whole}-- migrate\u200b:verify\n`)).toEqual([
    'MarkerUnknown 20251016120000-add-email.sql:5:1: unknown marker "-- migrate\\u200b:verify", expected -- migrate:verify',
  ]);
});

test.each([
  '-- migrate the data: down below',
  '-- migrate up to here',
  '-- migrated from the old shop',
  '-- the migration goes down',
  '-- -- migrate:verify',
  '-- lockkeepers allow it',
  '-- changes: none',
  '-- phase one of three',
  '-- irreversible in practice',
  '/* a block\n-- migrate:verify\n*/',
])('%s is prose', (comment) => {
  const { migration } = parseMigration(file, `-- migrate:up\n${comment}\nSELECT 1;\n-- migrate:down\nSELECT 2;\n`);
  expect(migration?.up.text).toBe(`${comment}\nSELECT 1;\n`);
});

test.each(['--migrate:up', '--\tmigrate:up', '--  migrate:up  ', '  -- migrate:up'])('%j is a marker', (marker) => {
  expect(parseMigration(file, `${marker}\nSELECT 1;\n-- migrate:down\nSELECT 2;\n`).migration?.up.text).toBe(
    'SELECT 1;\n',
  );
});

test.each([
  ['--  phase: expand', 'DirectiveUnknown', 'unknown directive "--  phase: expand", write it: -- phase: …'],
  ['--- phase: expand', 'DirectiveUnknown', 'unknown directive "--- phase: expand", write it: -- phase: …'],
  ['-- phase expand', 'DirectiveUnknown', 'unknown directive "-- phase expand", write it: -- phase: …'],
  ['--\u00a0phase: expand', 'DirectiveUnknown', 'unknown directive "--\\u00a0phase: expand", write it: -- phase: …'],
  ['-- phase\uff1a expand', 'DirectiveUnknown', 'unknown directive "-- phase\uff1a expand", write it: -- phase: …'],
  ['/* flag: a */', 'DirectiveUnknown', 'unknown directive "/* flag: a */", write it: -- flag: …'],
  ['-- irreversible x', 'DirectiveUnknown', 'unknown directive "-- irreversible x", write it: -- irreversible: …'],
  [
    '-- Irreversible: x',
    'DirectiveUnknown',
    'unknown directive "-- Irreversible:", write it in lower case: -- irreversible:',
  ],
])('%j at the top is an error', (line, code, message) => {
  expect(findingsOf(`${line}\n${whole}`)).toEqual([`${code} 20251016120000-add-email.sql:1:1: ${message}`]);
});

test.each(['phase: expand', 'change: a', 'flag: a', 'irreversible: restore'])(
  '"-- %s" in a section is an error',
  (text) => {
    const word = text.split(':')[0];
    expect(findingsOf(`-- migrate:up\n  -- ${text}\nSELECT 1; -- ${text}\n-- migrate:down\nSELECT 2;\n`)).toEqual([
      `DirectiveInvalid 20251016120000-add-email.sql:2:3: "-- ${text}" stands in a section, expected "-- ${word}:" above the first marker`,
    ]);
  },
);

test.each([
  '-- lockkeeper allow drop-table because',
  '-- Lockkeeper:allow drop-table because',
  '/* lockkeeper:allow drop-table because */',
])('%s silences nothing and is an error', (comment) => {
  expect(findingsOf(`-- migrate:up\n${comment}\nSELECT 1;\n-- migrate:down\nSELECT 2;\n`)).toEqual([
    `DirectiveUnknown 20251016120000-add-email.sql:2:1: unknown directive "${comment}", expected -- lockkeeper:allow <rule> <reason>`,
  ]);
});

test('what an eye takes for a blank or a line end, and PostgreSQL does not, is told where it stands', () => {
  expect(findingsOf('-- migrate:up\nSELECT\u00a01;\n\ufeff-- migrate:down\nSELECT 2; -- a\rSELECT 3;\n')).toEqual([
    'SqlSyntaxInvalid 20251016120000-add-email.sql:2:7: the character "\\u00a0", which PostgreSQL takes for a letter, expected a blank or nothing',
    'SqlSyntaxInvalid 20251016120000-add-email.sql:3:1: the character "\\ufeff", which PostgreSQL takes for a letter, expected a blank or nothing',
    'SqlSyntaxInvalid 20251016120000-add-email.sql:4:15: a carriage return alone, at which PostgreSQL ends a comment, expected the line ends LF or CRLF',
    'MarkerUnknown 20251016120000-add-email.sql:3:2: "-- migrate:down" stands behind a statement, expected a line of its own',
  ]);
});

test('a finding says file, line, column, what was found and what was expected', () => {
  expect(findingsOf(`-- author: me\n${whole}-- migrate:redo\n`)).toEqual([
    'MarkerUnknown 20251016120000-add-email.sql:6:1: unknown marker "-- migrate:redo", expected -- migrate:up, -- migrate:down or -- migrate:verify',
    'DirectiveUnknown 20251016120000-add-email.sql:1:1: unknown directive "-- author:", known are: phase, change, flag, irreversible',
  ]);
});

test('an unclosed literal is shown where it begins', () => {
  expect(findingsOf('-- migrate:up\nSELECT 1,\n  $body$ x\n-- migrate:down\nSELECT 2;')).toEqual([
    'SqlSyntaxInvalid 20251016120000-add-email.sql:3:3: the dollar-quoted string that begins here is never closed',
  ]);
});

test.each([
  ["'\n-- migrate:down\n'"],
  ["E'\\'\n-- migrate:down\n'"],
  ["U&'\n-- migrate:down\n'"],
  ['1 AS "\n-- migrate:down\n"'],
  ['$$\n-- migrate:down\n$$'],
  ['$a$ $$ $b$\n-- migrate:down\n$a$'],
  ['1 /* /* nested */\n-- migrate:down\n*/'],
])('a marker inside %j is none', (literal) => {
  const { migration } = parseMigration(file, `-- migrate:up\nSELECT ${literal};\n-- migrate:down\nSELECT 2;\n`);
  expect(migration?.up.text).toBe(`SELECT ${literal};\n`);
  expect(migration?.down?.text).toBe('SELECT 2;\n');
});

test('a dollar sign inside a name opens no literal', () => {
  const { migration } = parseMigration(file, '-- migrate:up\nSELECT a$b$c;\n-- migrate:down\nSELECT 2;\n');
  expect(migration?.up.text).toBe('SELECT a$b$c;\n');
});

test('line ends and a byte order mark change neither text nor checksum', () => {
  const plain = parseMigration(file, whole).migration;
  const windows = parseMigration(file, `\uFEFF${whole.replaceAll('\n', '\r\n')}`).migration;
  expect(windows).toEqual(plain);
  // printf -- '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n' | sha256sum
  expect(plain?.checksum).toBe('77feb01458ace166fd358f2d713a3d1e4b2634d8d67cf38782857f1c891c83b0');
});
