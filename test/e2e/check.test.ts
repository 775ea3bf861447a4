import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../lib/check/index.ts';
import { type CliProject, cliProject } from '../support/cli-project.ts';
import { jsonLines, runCli } from '../support/run-cli.ts';

const root = new URL('../..', import.meta.url).pathname;
const projects: CliProject[] = [];
const project = (): CliProject => {
  const made = cliProject();
  projects.push(made);
  made.write(
    '20260101000000-create-users.sql',
    'CREATE TABLE users (id bigint PRIMARY KEY, email text);',
    'DROP TABLE users;',
  );
  made.write('20260102000000-index-users-by-email.sql', 'CREATE INDEX users_email_idx ON users (email);');
  return made;
};
afterAll(() => Promise.all(projects.map((each) => each.remove())));

const text = `error index-without-concurrently migrations/20260102000000-index-users-by-email.sql:2:1
  CREATE INDEX takes SHARE on users while the index is built: writes to it wait
  2 | CREATE INDEX users_email_idx ON users (email);
    | ^
  write instead:
    -- migrate:up transaction:false
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
  see docs/rules/index-without-concurrently.md

warning SumMissing migrations/lockkeeper.sum:1:1
  absent, but there are 2 migrations
  do: write it with: lockkeeper sum
  see docs/errors.md

`;

describe('lockkeeper check', () => {
  test("passes the example's own migrations", async () => {
    const { exit, err } = await runCli(['check'], { cwd: root });
    expect([exit, err]).toEqual([0, '']);
  });

  test('says place, lock, who waits and what to write instead, and ends with 5', async () => {
    const { exit, out, err } = await project().run('check');
    expect(out).toBe(text);
    expect(err).toBe(
      'RuleFound: 1 error, 1 warning in 3 files\ndo: follow each error; a finding of a rule can also be allowed, with "-- lockkeeper:allow <rule> <reason>" before its statement\n',
    );
    expect(exit).toBe(5);
  });

  test('prints the report as one JSON document, and as a line of --json', async () => {
    const { run } = project();
    const report = reportSchema.parse(JSON.parse((await run('check', '--format', 'json')).out));
    const [line, result] = jsonLines((await run('check', '--json')).out);
    const { version, type, sources, ...rest } = line ?? {};
    expect([version, type, sources]).toEqual([
      1,
      'check',
      {
        'migrations/20260102000000-index-users-by-email.sql': { 2: 'CREATE INDEX users_email_idx ON users (email);' },
        'migrations/lockkeeper.sum': { 1: '' },
      },
    ]);
    expect(rest).toEqual(report);
    expect(result).toMatchObject({ type: 'result', exit: 5, failure: { code: 'RuleFound' } });
  });

  test('prints SARIF with a rule and a region for each finding', async () => {
    const sarif = JSON.parse((await project().run('check', '--format', 'sarif')).out) as {
      version: string;
      runs: { results: unknown[]; tool: { driver: { rules: { id: string }[] } } }[];
    };
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(['SumMissing', 'index-without-concurrently']);
    expect(sarif.runs[0]?.results[0]).toMatchObject({
      ruleId: 'index-without-concurrently',
      ruleIndex: 1,
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'migrations/20260102000000-index-users-by-email.sql' },
            region: { startLine: 2, startColumn: 1 },
          },
        },
      ],
    });
  });

  test('prints workflow commands with line ends and percent signs escaped', async () => {
    const { out } = await project().run('check', '--format', 'github');
    expect(out.split('\n')[0]).toBe(
      '::error file=migrations/20260102000000-index-users-by-email.sql,line=2,col=1,title=index-without-concurrently::CREATE INDEX takes SHARE on users while the index is built: writes to it wait%0A-- migrate:up transaction:false%0ACREATE INDEX CONCURRENTLY users_email_idx ON users (email);',
    );
  });

  test('judges what comes after --since, or the named file, alone', async () => {
    const { run } = project();
    expect((await run('check', '--since', '20260102000000')).exit).toBe(0);
    expect((await run('check', 'migrations/20260101000000-create-users.sql')).exit).toBe(0);
    expect((await run('check', 'migrations/20260102000000-index-users-by-email.sql')).exit).toBe(5);
  });

  test('takes bare SQL files in order, one after the other', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bare-'));
    try {
      writeFileSync(join(directory, 'a.sql'), 'CREATE TABLE t (id bigint);');
      writeFileSync(join(directory, 'b.sql'), 'CREATE INDEX i ON t (id);');
      const { exit, out } = await runCli(['check', 'a.sql', 'b.sql', '--format', 'json'], { cwd: directory });
      const [a, b] = reportSchema.parse(JSON.parse(out)).files;
      expect([exit, a?.file, b?.file]).toEqual([5, 'a.sql', 'b.sql']);
      expect(b?.diagnostics.map(({ rule }) => rule)).toContain('index-without-concurrently');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('refuses a severity for a rule that there is not', async () => {
    const { directory, run } = project();
    writeFileSync(join(directory, 'lockkeeper.json'), '{ "rules": { "rename": "off" } }');
    expect(await run('check')).toMatchObject({
      exit: 5,
      err: expect.stringContaining('SettingsInvalid: lockkeeper.json: rules.rename: no such rule') as string,
    });
  });
});

describe('lockkeeper check --fix', () => {
  test('rewrites what was not shipped, shows it and notes it', async () => {
    const { directory, run } = project();
    const { exit, out } = await run('check', '--fix');
    expect(out).toContain('+CREATE INDEX CONCURRENTLY users_email_idx ON users (email);');
    expect(exit).toBe(0);
    expect(readFileSync(join(directory, 'migrations/20260102000000-index-users-by-email.sql'), 'utf8')).toContain(
      '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY',
    );
    expect(readdirSync(join(directory, 'migrations'))).toContain('lockkeeper.sum');
  });

  test('never changes a migration that may have been applied', async () => {
    const { run } = project();
    await run('sum');
    const file = 'migrations/20260102000000-index-users-by-email.sql';
    expect((await run('check', '--fix', file)).err).toContain('listed in lockkeeper.sum, so it may have been applied');
    expect((await run('check', '--fix')).exit).toBe(5);
    expect((await run('check', '--fix', '--since', '20260101000000')).exit).toBe(0);
  });
});
