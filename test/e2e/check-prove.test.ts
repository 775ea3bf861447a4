import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cliProject } from '../support/cli-project.ts';
import { jsonLines } from '../support/run-cli.ts';

const project = cliProject();
afterAll(() => project.remove());

const migrationFile = (name: string): string => join(project.directory, 'migrations', name);
const accounts = '20260101000000-create-accounts.sql';
const note = '20260102000000-drop-note.sql';
const scrub = '20260103000000-scrub-notes.sql';
const logins = '20260104000000-create-logins.sql';
const widen = '20260105000000-widen-keys.sql';

const widening = `DO $$ BEGIN EXECUTE 'ALTER TABLE app.accounts ALTER id TYPE ' || coalesce(current_setting('a.b', true), '') || 'bigint'; END $$;`;
const build = async (): Promise<void> => {
  project.write(
    accounts,
    'CREATE SCHEMA app; CREATE TABLE app.accounts (id int PRIMARY KEY, note text);',
    'DROP TABLE app.accounts; DROP SCHEMA app;',
  );
  project.write(note, 'ALTER TABLE app.accounts DROP COLUMN note;', 'ALTER TABLE app.accounts ADD COLUMN note text;');
  writeFileSync(
    migrationFile(scrub),
    '-- irreversible: ask the accountants for the list\n-- migrate:up\nDELETE FROM app.accounts WHERE id < 0;\n',
  );
  project.write(
    logins,
    'CREATE TABLE app.logins (id bigint PRIMARY KEY); CREATE INDEX logins_id_idx ON app.logins (id);',
    'DROP INDEX app.logins_id_idx;',
  );
  await project.run('sum');
};

describe('check --prove', () => {
  test(
    'grades each way back, and shows with code 5 what a down leaves that was not there before',
    { timeout: 120_000 },
    async () => {
      await build();
      const { exit, out, err } = await project.run('check', '--prove');
      expect(out.split('\n').slice(0, 6)).toEqual([
        `${accounts}: restores schema and data`,
        `${note}: restores schema, not data`,
        '  app.accounts: note not as before',
        `${scrub}: documented steps only`,
        `${logins}: does not restore`,
        expect.stringMatching(/^(error|warning|notice) /),
      ]);
      expect(out).toContain(`error WayBackBroken migrations/${logins}:5:1
  after the down the schema is not what it was before the up:
  extra table app.logins
      column id bigint not null
      owner postgres
      with 1 constraint
  after the down the up is refused: relation "logins" already exists (SQLSTATE 42P07, statement at line 2)
  5 | DROP INDEX app.logins_id_idx;
    | ^
  do: `);
      expect([exit, err.split('\n')[0]]).toEqual([5, expect.stringMatching(/^RuleFound: \d errors?, .* in \d files$/)]);
    },
  );

  test(
    'tells a lock that was taken and not foreseen, as a warning at its line, and again when the grade is known',
    { timeout: 120_000 },
    async () => {
      project.write(logins, 'CREATE TABLE app.logins (id bigint PRIMARY KEY);', 'DROP TABLE app.logins;');
      project.write(widen, widening, 'ALTER TABLE app.accounts ALTER id TYPE int;');
      await project.run('sum');
      for (const grade of ['restores schema and data', 'restores schema and data (proven before)']) {
        const { out } = await project.run('check', '--prove', '--since', '20260104000000');
        expect(out.split('\n')[0]).toBe(`${widen}: ${grade}`);
        expect(out).toContain(`warning LockUnforeseen migrations/${widen}:2:1
  ACCESS EXCLUSIVE was taken on app.accounts, which was written anew; the analysis says nothing of it
`);
        expect(out).toContain(`warning LockUnforeseen migrations/${widen}:5:1
  ACCESS EXCLUSIVE was taken on app.accounts, which was written anew; the analysis says ACCESS EXCLUSIVE and no rewrite
`);
      }
      const lines = jsonLines((await project.run('check', '--prove', '--json', migrationFile(widen))).out);
      expect(lines.filter(({ type }) => type === 'proof')).toEqual([
        {
          version: 1,
          type: 'proof',
          file: widen,
          wayBack: 'schema-and-data',
          text: `${widen}: restores schema and data (proven before)`,
        },
      ]);
    },
  );

  test(
    'the plan has the grades, until the migration or one before it is edited, which check tells',
    { timeout: 120_000 },
    async () => {
      await project.run('check', '--prove');
      const backs = async (): Promise<string[]> =>
        [...(await project.run('plan')).out.matchAll(/^ {4}back {4}(.+)$/gm)].map(([, grade = '']) => grade);
      expect(await backs()).toEqual([
        'restores schema and data',
        'restores schema, not data',
        'documented steps only',
        'restores schema and data',
        'restores schema and data',
      ]);
      writeFileSync(migrationFile(note), `${readFileSync(migrationFile(note), 'utf8')}-- and that is all\n`);
      await project.run('sum');
      expect(await backs()).toEqual([
        'restores schema and data',
        'not proven',
        'documented steps only',
        'not proven',
        'not proven',
      ]);
      expect((await project.run('check')).out).toContain(`warning ProofStale migrations/${note}:1:1
  its way back was proven of another text: this migration, or one before it, was edited since (and 3 grades behind it)
`);
      await project.run('check', '--prove');
      expect((await project.run('check')).out).not.toContain('ProofStale');
    },
  );
});
