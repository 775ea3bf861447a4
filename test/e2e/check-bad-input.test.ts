import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../lib/check/index.ts';
import { runCli } from '../support/run-cli.ts';
import { hasSarifSchema, sarifFaults } from '../support/sarif-schema.ts';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

const directoryOf = (files: Readonly<Record<string, string | Buffer>>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bad-'));
  made.push(directory);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), content);
  }
  return directory;
};

const contentOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? [[path, readFileSync(path, 'latin1')]] : [];
    }),
  );

/** Runs in a directory, where nothing may change, and without a stack. */
const check = async (directory: string, ...words: string[]) => {
  const before = contentOf(directory);
  const end = await runCli(['check', ...words], { cwd: directory });
  expect(contentOf(directory)).toEqual(before);
  expect(`${end.out}${end.err}`).not.toMatch(/^\s+at .*:\d+|Unexpected/m);
  return end;
};

/** `line:column severity code: message` of what is found in bare files, by file. */
const found = async (files: Readonly<Record<string, string | Buffer>>) => {
  const directory = directoryOf(files);
  const { exit, out } = await check(directory, ...Object.keys(files), '--format', 'json');
  const report = reportSchema.parse(JSON.parse(out));
  const told = report.files.flatMap(({ file, diagnostics }) =>
    diagnostics
      .filter(({ rule }) => /^[A-Z]/.test(rule))
      .map((each) => `${file}:${each.line}:${each.column} ${each.severity} ${each.rule}: ${each.message}`),
  );
  return { exit, told };
};

describe('lockkeeper check says what is wrong with a file, at its place:', () => {
  test('text that is not UTF-8, or has a NUL; each of several files', async () => {
    expect(
      await found({
        'latin1.sql': Buffer.from('SELECT 1;\nSELECT \xe9;', 'latin1'),
        'utf16.sql': Buffer.from('\ufeffSELECT 1;', 'utf16le'),
        'nul.sql': 'SELECT 1;\n \0',
        'good.sql': 'SELECT 1;',
      }),
    ).toEqual({
      exit: 5,
      told: [
        'latin1.sql:2:8 error FileUnreadable: a byte that is not UTF-8',
        'utf16.sql:1:1 error FileUnreadable: UTF-16, expected UTF-8 text',
        'nul.sql:2:2 error FileUnreadable: a NUL byte, expected UTF-8 text',
      ],
    });
  });

  test('what belongs to psql', async () => {
    expect(
      await found({
        'describe.sql': 'SELECT 1;\n\\d users\n',
        'copy.sql': '\\copy users from x.csv\n',
        'include.sql': '\\i other.sql\nSELECT 1;\n',
        'data.sql': "CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nit's\n\\.\n",
        'more.sql': 'COPY t (a) FROM stdin;\n',
      }),
    ).toEqual({
      exit: 5,
      told: [
        'describe.sql:2:1 error StatementRefused: \\d is a command of psql, which the server does not know: it has to be taken out',
        'copy.sql:1:1 error StatementRefused: \\copy is a command of psql, which the server does not know: it reads a file of the client; write INSERT statements instead',
        'include.sql:1:1 error StatementRefused: \\i is a command of psql, which the server does not know: it reads another file; put its statements here',
        'data.sql:2:1 error StatementRefused: COPY … FROM STDIN has no client to read from; write INSERT statements instead, and take its data out',
      ],
    });
  });

  test('nothing in it; what is nested too deeply; a statement of 5 MB is read', async () => {
    expect(
      await found({
        'empty.sql': '',
        'comment.sql': '-- nothing;\n',
        'nested.sql': `SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)};`,
        'long.sql': `SELECT ${Array.from({ length: 50_000 }, () => '1').join('+')};`,
        'blocks.sql': `DO $$ BEGIN ${'IF true THEN '.repeat(3000)}NULL; ${'END IF; '.repeat(3000)}END $$;`,
        'sums.sql': `DELETE FROM t WHERE ${Array.from({ length: 9000 }, () => '1').join('+')} = 1;`,
        'large.sql': `INSERT INTO t VALUES ${Array.from({ length: 60_000 }, (_, at) => `(${at}, '${'x'.repeat(72)}')`).join(',')};`,
      }),
    ).toEqual({
      exit: 5,
      told: [
        'empty.sql:1:1 warning FileEmpty: holds no statement',
        'comment.sql:1:1 warning FileEmpty: holds no statement',
        "nested.sql:1:10004 error SqlSyntaxInvalid: nested too deeply for PostgreSQL's parser, expected some thousand levels at most",
        "long.sql:1:1 error SqlSyntaxInvalid: nested too deeply for PostgreSQL's parser, expected some thousand levels at most",
      ],
    });
  });

  test('a suppression of no rule, without a reason, or without a finding', async () => {
    expect(
      await found({
        'unknown.sql': '-- lockkeeper:allow data-destroyd it is empty\nDROP TABLE x;\n',
        'reason.sql': '-- lockkeeper:allow data-destroyed\nDROP TABLE x;\n',
        'unused.sql': 'SELECT 1;\n-- lockkeeper:allow data-destroyed it is empty\nSELECT 2;\n',
      }),
    ).toEqual({
      exit: 5,
      told: [
        'unknown.sql:1:1 error AllowInvalid: lockkeeper:allow names data-destroyd, which is no rule',
        'reason.sql:1:1 error DirectiveInvalid: lockkeeper:allow data-destroyed gives no reason, expected -- lockkeeper:allow <rule> <reason>',
        'unused.sql:2:1 error AllowInvalid: lockkeeper:allow data-destroyed silences nothing: the rule finds nothing in the statement below',
      ],
    });
  });

  test('a byte order mark and CRLF are nothing wrong, and change no place', async () => {
    expect(
      await found({
        'bom.sql': '\ufeffSELECT 1;\nSELEC 2;',
        'crlf.sql': 'SELECT 1;\r\n  SELEC 2;\r\n',
      }),
    ).toEqual({
      exit: 5,
      told: [
        'bom.sql:2:1 error SqlSyntaxInvalid: syntax error at or near "SELEC"',
        'crlf.sql:2:3 error SqlSyntaxInvalid: syntax error at or near "SELEC"',
      ],
    });
  });
});

describe('lockkeeper check says what is wrong with its words and its project:', () => {
  const migration = 'migrations/20260101000000-create-users.sql';
  const good = { [migration]: '-- migrate:up\nCREATE TABLE users (id bigint);\n-- migrate:down\nDROP TABLE users;\n' };

  test.each([
    ['a file that is not there', ['gone.sql'], 'FileAbsent: gone.sql: is not there\n'],
    ['a directory without SQL', ['empty'], 'FileAbsent: empty: a directory without a .sql file\n'],
    ['a migration that is not there', ['migrations/x.sql'], 'FileAbsent: migrations/x.sql: is not there\n'],
  ])('%s, which is usage', async (_, words, message) => {
    const directory = directoryOf({ ...good, 'empty/readme.md': '' });
    expect(await check(directory, ...words)).toEqual({
      exit: 64,
      out: '',
      err: `${message}do: name files that are there, a directory with .sql files, or - for standard input\n`,
    });
  });

  test.each([
    ['no JSON', '{ "migrations": ', 'SettingsInvalid: lockkeeper.json:1:17: not JSON, expected a value'],
    ['another key', '{ "migratons": "x" }', 'SettingsInvalid: lockkeeper.json: unknown key migratons, known are: '],
    ['no object', '[]', 'SettingsInvalid: lockkeeper.json: the file: invalid input: expected object, received array'],
    [
      'a rule that there is not',
      '{ "rules": { "renamd": "error" } }',
      'SettingsInvalid: lockkeeper.json: rules.renamd: no such rule; did you mean renamed?',
    ],
    ['no UTF-8', Buffer.from('{\n"\xe9": 1}', 'latin1'), 'FileUnreadable: lockkeeper.json:2:2: a byte that is not'],
    ['no such directory', '{ "migrations": "nope" }', 'DirectoryUnusable: the directory of the migrations, '],
  ])('lockkeeper.json with %s', async (_, settings, message) => {
    const { exit, out, err } = await check(directoryOf({ ...good, 'lockkeeper.json': settings }));
    expect([exit, out]).toEqual([5, '']);
    expect(err).toContain(message);
    expect(err).toMatch(/\ndo: .+\n$/);
  });

  test('a directory in the place of lockkeeper.json', async () => {
    const { exit, err } = await check(directoryOf({ ...good, 'lockkeeper.json/x': '' }));
    expect([exit, err.split('\n')[0]]).toEqual([
      5,
      'FileUnreadable: lockkeeper.json: a directory, expected a file (EISDIR)',
    ]);
  });

  test.skipIf(process.getuid?.() === 0)(
    process.getuid?.() === 0
      ? 'skipped as root, who reads everything: a file without the right to read it'
      : 'a file without the right to read it',
    async () => {
      const directory = directoryOf({ 'a.sql': 'SELECT 1;' });
      chmodSync(join(directory, 'a.sql'), 0);
      const { exit, out } = await runCli(['check', 'a.sql'], { cwd: directory });
      expect([exit, out.split('\n').slice(0, 2)]).toEqual([
        5,
        ['error FileUnreadable a.sql:1:1', '  this user may not read it (EACCES)'],
      ]);
    },
  );
});

describe('lockkeeper check for machines', () => {
  const odd = 'o,d:d%\n #é.sql';
  const files = { [odd]: 'DROP TABLE "a%\n,:b";', 'x:y.sql': 'SELEC 1;', 'empty.sql': '' };

  test('escapes what GitHub reads as syntax: % and line ends everywhere, colons and commas in properties', async () => {
    const { out } = await check(directoryOf(files), odd, '--format', 'github');
    expect(out.split('\n')).toContain(
      `::warning file=o%2Cd%3Ad%25%0A #é.sql,line=1,col=1,title=data-destroyed::DROP TABLE of "a%25%0A,:b" loses what is in it; a down cannot bring it back%0Asay that it is meant: -- lockkeeper:allow data-destroyed <reason>; a snapshot is taken first`,
    );
    for (const line of out.split('\n').filter((each) => each !== ''))
      expect(line).toMatch(/^::(error|warning|notice) /);
  });

  const sarifOf = async (): Promise<unknown> =>
    JSON.parse((await check(directoryOf(files), ...Object.keys(files), '--format', 'sarif')).out);

  test('gives SARIF what GitHub asks for', async () => {
    const { runs } = (await sarifOf()) as {
      runs: {
        tool: { driver: { name: string; rules: Record<string, unknown>[] } };
        results: { ruleId: string; ruleIndex: number; level: string; message: { text: string }; locations: object[] }[];
      }[];
    };
    const [run] = runs;
    expect([runs.length, run?.tool.driver.name]).toEqual([1, 'lockkeeper']);
    for (const { ruleId, ruleIndex, level, message } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]).toMatchObject({ id: ruleId });
      expect(run?.tool.driver.rules[ruleIndex]?.['shortDescription']).toMatchObject({
        text: expect.any(String) as string,
      });
      expect(['error', 'warning', 'note']).toContain(level);
      expect(message.text).not.toBe('');
    }
    expect(run?.results.find(({ ruleId }) => ruleId === 'SqlSyntaxInvalid')?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: 'x%3Ay.sql' }, region: { startLine: 1, startColumn: 1 } } },
    ]);
    expect(run?.results.find(({ ruleId }) => ruleId === 'data-destroyed')?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'o%2Cd%3Ad%25%0A%20%23%C3%A9.sql' },
          region: { startLine: 1, startColumn: 1 },
        },
      },
    ]);
  });

  test.skipIf(!hasSarifSchema)(
    hasSarifSchema
      ? "gives SARIF that holds to its schema's word"
      : 'skipped without the packages of bench/, which bring the schema: SARIF that holds to its schema',
    async () => {
      const sarif = await sarifOf();
      expect(sarifFaults(sarif)).toEqual([]);
      expect(sarifFaults({ ...(sarif as object), runs: [{}] })).toEqual(["/runs/0 must have required property 'tool'"]);
    },
  );
});
