import { beforeAll, describe, expect, test } from 'vitest';
import { bareScript, loadParser } from '../../lib/analysis/index.ts';
import { checkChangelog, checkScripts, type CheckOptions, fixChangelog, reportSchema } from '../../lib/check/index.ts';
import { readChangelog, runSettingsSchema } from '../../lib/migration/index.ts';

beforeAll(loadParser);

const settings = runSettingsSchema.parse({});
const users = {
  file: '20260101000000-create-users.sql',
  text: '-- migrate:up\nCREATE TABLE app.users (id bigint PRIMARY KEY, email text);\n\n-- migrate:down\nDROP TABLE app.users;\n',
};
const indexFile = '20260102000000-index-users-by-email.sql';
const index = (above = '', option = ''): { file: string; text: string } => ({
  file: indexFile,
  text: `-- migrate:up${option}\n${above}CREATE INDEX users_email_idx ON app.users (email);\n\n-- migrate:down\nSELECT 1;\n`,
});

const checked = (files: readonly { file: string; text: string }[], options: CheckOptions = {}) => {
  const { changelog, findings } = readChangelog(files);
  return checkChangelog(changelog, settings, { errors: findings, warnings: [] }, options);
};
const told = (report: ReturnType<typeof checked>): string[] =>
  report.files.flatMap(({ file, diagnostics }) =>
    diagnostics.map(({ rule, severity, line, column }) => `${file.slice(0, 14)}:${line}:${column} ${severity} ${rule}`),
  );

describe('a report', () => {
  test('has what its schema says, of each statement and of what is found', () => {
    const report = checked([users, index()]);
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report.counts).toEqual({ error: 1, warning: 0, notice: 0 });
    expect(report.files[1]?.statements[0]).toEqual({
      section: 'up',
      line: 2,
      kind: 'CREATE INDEX',
      objects: [
        { kind: 'index', schema: 'app', name: 'users_email_idx', role: 'created' },
        { kind: 'table', schema: 'app', name: 'users', role: 'read' },
      ],
      locks: [{ object: { kind: 'table', schema: 'app', name: 'users' }, mode: 'SHARE', duration: 'build' }],
      transactional: true,
      loss: 'none',
      lossOf: null,
      destructive: false,
    });
    expect(report.files[1]?.diagnostics).toEqual([
      {
        rule: 'index-without-concurrently',
        severity: 'error',
        line: 2,
        column: 1,
        message: 'CREATE INDEX takes SHARE on app.users while the index is built: writes to it wait',
        remedy: '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_email_idx ON app.users (email);',
      },
    ]);
  });

  test('judges the wanted files alone, on the schema that those before them make', () => {
    expect(told(checked([users, index()], { isJudged: (file) => file === users.file }))).toEqual([]);
    expect(told(checked([users, index()], { isJudged: (file) => file === indexFile }))).toEqual([
      '20260102000000:2:1 error index-without-concurrently',
    ]);
  });

  test('holds what a run would refuse, with its place', () => {
    const broken = { file: indexFile, text: '-- migrate:up\nSELECT 1;\nSELEC 1;\n-- migrate:down\nSET ROLE nobody;\n' };
    expect(told(checked([users, broken]))).toEqual([
      '20260102000000:3:1 error SqlSyntaxInvalid',
      '20260102000000:5:1 error StatementRefused',
    ]);
    const [message] = checked([users, broken]).files[1]?.diagnostics.map((each) => each.message) ?? [];
    expect(message).toBe('syntax error at or near "SELEC"');
  });

  test('takes severities from the settings', () => {
    const rule = 'index-without-concurrently';
    expect(told(checked([users, index()], { severities: { [rule]: 'notice' } }))).toEqual([
      `20260102000000:2:1 notice ${rule}`,
    ]);
    expect(told(checked([users, index()], { severities: { [rule]: 'off' } }))).toEqual([]);
  });

  test('refuses a severity for a rule that there is not', () => {
    expect(() => checked([users], { severities: { 'index-without-concurently': 'off' } })).toThrow(
      'lockkeeper.json: rules.index-without-concurently: no such rule; did you mean index-without-concurrently?',
    );
  });
});

describe('lockkeeper:allow', () => {
  const rule = 'index-without-concurrently';
  test('silences its rule in the statement below it', () => {
    expect(told(checked([users, index(`-- lockkeeper:allow ${rule} the table is empty\n`)]))).toEqual([]);
  });
  test('silences no other statement', () => {
    const above = `-- lockkeeper:allow ${rule} the table is empty\nCREATE INDEX i ON app.users (id, email);\n`;
    expect(told(checked([users, index(above)]))).toContain(`20260102000000:4:1 error ${rule}`);
  });
  test('is an error without a reason', () => {
    expect(told(checked([users, index(`-- lockkeeper:allow ${rule}\n`)]))).toEqual([
      '20260102000000:2:1 error DirectiveInvalid',
    ]);
  });
  test('is an error with a rule that there is not', () => {
    const report = checked([users, index('-- lockkeeper:allow index-without-concurrentl the table is empty\n')]);
    expect(told(report)).toEqual(['20260102000000:2:1 error AllowInvalid', `20260102000000:3:1 error ${rule}`]);
    expect(report.files[1]?.diagnostics[0]?.remedy).toBe(`did you mean ${rule}?`);
  });
  test('is an error without a finding to silence', () => {
    expect(told(checked([users, index('-- lockkeeper:allow renamed nobody reads it\n')]))).toEqual([
      '20260102000000:2:1 error AllowInvalid',
      `20260102000000:3:1 error ${rule}`,
    ]);
  });
  test('may stay where the rule is switched off', () => {
    const files = [users, index(`-- lockkeeper:allow ${rule} the table is empty\n`)];
    expect(told(checked(files, { severities: { [rule]: 'off' } }))).toEqual([]);
  });
  test('works in bare SQL', () => {
    const sql = `-- lockkeeper:allow ${rule} the table is empty\nCREATE INDEX i ON users (email);`;
    const report = checkScripts([bareScript('a.sql', sql, true)]);
    expect(report.files[0]?.diagnostics.map((each) => each.rule)).not.toContain(rule);
    expect(report.files[0]?.diagnostics.map((each) => each.rule)).not.toContain('AllowInvalid');
  });
});

const fixed = (...files: readonly { file: string; text: string }[]) => {
  const { changelog } = readChangelog(files);
  return fixChangelog(changelog, settings, {}, (file) => file !== users.file);
};

describe('a fix', () => {
  test('builds an index that stands alone concurrently, outside a transaction', () => {
    const { fixes, changelog } = fixed(users, index());
    expect(fixes.map(({ rule, added }) => [rule, added])).toEqual([['index-without-concurrently', null]]);
    expect(changelog.migrations[1]?.text).toBe(
      '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_email_idx ON app.users (email);\n\n-- migrate:down\nSELECT 1;\n',
    );
  });

  test('leaves an index alone that has company', () => {
    expect(fixed(users, index('COMMENT ON TABLE app.users IS $$people$$;\n')).fixes).toEqual([]);
  });

  test('adds a constraint NOT VALID and validates it in a second migration', () => {
    const check = {
      file: '20260103000000-check-emails.sql',
      text: '-- migrate:up\nALTER TABLE app.users ADD CONSTRAINT has_email CHECK (email IS NOT NULL);\n\n-- migrate:down\nALTER TABLE app.users DROP CONSTRAINT has_email;\n',
    };
    const { fixes, changelog } = fixed(users, check);
    expect(changelog.migrations.map(({ file }) => file)).toEqual([
      users.file,
      '20260103000000-check-emails.sql',
      '20260103000001-validate-has-email.sql',
    ]);
    expect(changelog.migrations[1]?.text).toContain('CHECK (email IS NOT NULL) NOT VALID;');
    expect(changelog.migrations[2]?.text).toContain('VALIDATE CONSTRAINT has_email;');
    expect(fixes).toHaveLength(1);
    expect(told(checked([...changelog.migrations]))).toEqual([]);
  });

  test('writes IF NOT EXISTS where a statement runs outside a transaction', () => {
    const alone = {
      file: '20260103000000-add-phone-to-users.sql',
      text: '-- migrate:up transaction:false\nALTER TABLE app.users ADD COLUMN phone text;\n\n-- migrate:down\nALTER TABLE app.users DROP COLUMN phone;\n',
    };
    expect(fixed(users, alone).changelog.migrations[1]?.text).toContain('ADD COLUMN IF NOT EXISTS phone text;');
  });

  test('touches no file that may not change', () => {
    const { changelog } = readChangelog([users, index()]);
    expect(fixChangelog(changelog, settings, {}, () => false).fixes).toEqual([]);
  });
});
