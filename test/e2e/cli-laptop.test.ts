import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliProject, cliProject } from '../support/cli-project.ts';
import { jsonLines } from '../support/run-cli.ts';

/** Execution names differ from run to run. */
const anonymous = (out: string): string[] =>
  out
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'RUN')
    .replaceAll(/\d+(\.\d+)? m?s\b/g, 'TIME')
    .trimEnd()
    .split('\n');

describe('a migration of one’s own on the laptop, in a pipe', () => {
  let project: CliProject;
  beforeAll(() => {
    project = cliProject();
  });
  afterAll(() => project.remove());

  it('status answers before there is a database, and starts none', async () => {
    project.write(
      '20260101000000-create-users.sql',
      'CREATE TABLE users (id int PRIMARY KEY, email text);',
      'DROP TABLE users;',
    );
    project.write(
      '20260102000000-index-email.sql',
      'CREATE INDEX CONCURRENTLY users_email_idx ON users (email);',
      'DROP INDEX CONCURRENTLY users_email_idx;',
    );
    expect(await project.run('sum')).toMatchObject({ exit: 0 });
    expect(await project.states()).toEqual(['create-users pending', 'index-email pending']);
    expect(existsSync(join(project.directory, '.lockkeeper'))).toBe(false);
  });

  it('plan shows what would run, and says by its exit code that there is something', async () => {
    const { exit, out } = await project.run('plan', '--detailed-exitcode');
    expect([exit, anonymous(out).slice(0, -1)]).toEqual([
      2,
      [
        'Migrate RUN',
        '2 migrations to apply',
        '  20260101000000-create-users',
        '    does    CREATE TABLE',
        '    locks   nothing that others wait for',
        '    loses   nothing',
        '    back    not proven',
        '',
        '  20260102000000-index-email',
        '    does    CREATE INDEX CONCURRENTLY, outside a transaction',
        '    locks   reads and writes of users go on; vacuum and schema changes wait while an index is built (SHARE UPDATE EXCLUSIVE)',
        '    loses   nothing',
        '    back    not proven',
        '',
        'ways back are proven with: lockkeeper check --prove',
      ],
    ]);
    expect(out).toMatch(/\ndigest [0-9a-f]{64}\n$/);
  });

  it('up applies in a transaction and outside, in plain lines', async () => {
    const { exit, out, err } = await project.run('up');
    expect([exit, err, anonymous(out).slice(4)]).toEqual([
      0,
      '',
      [
        'applied 20260101000000-create-users',
        '1 migration applied in TIME',
        'running 20260102000000-index-email outside a transaction',
        'applied 20260102000000-index-email in TIME',
        'applied 2 migrations; the ledger stands at 20260102000000',
      ],
    ]);
    expect(await project.states()).toEqual(['create-users applied', 'index-email applied']);
  });

  it('finds nothing to do the second time', async () => {
    const { exit, out } = await project.run('up');
    expect([exit, anonymous(out)]).toEqual([0, ['Migrate RUN', 'nothing to do: the ledger stands at 20260102000000']]);
    expect((await project.run('plan', '--detailed-exitcode')).exit).toBe(0);
  });

  it('a new one is refused while it is not in lockkeeper.sum, by file', async () => {
    expect((await project.run('new', 'Add', 'nick name')).out).toMatch(/^migrations\/\d{14}-add-nick-name\.sql\n/);
    const file =
      readdirSync(join(project.directory, 'migrations')).find((name) => name.endsWith('nick-name.sql')) ?? '';
    writeFileSync(join(project.directory, 'migrations', file), '');
    const { exit, err } = await project.run('up');
    expect(exit).toBe(5);
    expect(err).toContain(`${file}: `);
    expect(err).not.toMatch(/^\s+at /m);
    project.write(
      '20260103000000-add-nick.sql',
      'ALTER TABLE users ADD COLUMN nick text;\nCREATE INDEX users_nick_idx ON users (nik);',
      'ALTER TABLE users DROP COLUMN nick;',
    );
    const { rmSync } = await import('node:fs');
    rmSync(join(project.directory, 'migrations', file));
    expect((await project.run('up')).err).toBe(
      'SumMismatch: 20260103000000-add-nick.sql: not listed in lockkeeper.sum: it was added\n' +
        'do: if the change is meant and was never shipped, run: lockkeeper sum; otherwise restore the file from version control\n',
    );
  });

  it('broken on purpose: says file, line, SQLSTATE and place, what is true now and what to do, and takes it back whole', async () => {
    await project.run('sum');
    const { exit, err } = await project.run('up');
    expect([exit, err.split('\n')]).toEqual([
      3,
      [
        'MigrationFailed: 20260103000000-add-nick.sql:3: column "nik" does not exist (SQLSTATE 42703)',
        '  CREATE INDEX users_nick_idx ON users (nik)',
        '                                        ^',
        'now: this run applied 0; the ledger stands at 20260102000000; nothing is half done',
        'do: correct the migration (it was taken back whole), note it with: lockkeeper sum, and run again',
        '',
      ],
    ]);
    expect(
      await project.query("SELECT count(*)::int AS columns FROM information_schema.columns WHERE table_name = 'users'"),
    ).toEqual([{ columns: 2 }]);
  });

  it('fixed: goes up, with --json as a stream whose last line is the result', async () => {
    project.write(
      '20260103000000-add-nick.sql',
      'ALTER TABLE users ADD COLUMN nick text;',
      'ALTER TABLE users DROP COLUMN nick;',
    );
    await project.run('sum');
    const { exit, out } = await project.run('up', '--json');
    const lines = jsonLines(out);
    expect(exit).toBe(0);
    expect(lines.map(({ type }) => type).filter((type) => type !== 'state')).toEqual([
      'started',
      'plan',
      'lease',
      'batch-started',
      'batch',
      'result',
    ]);
    expect(lines.at(-1)).toMatchObject({
      version: 1,
      exit: 0,
      failure: null,
      output: { verdict: 'done', applied: 1, lastApplied: '20260103000000' },
    });
  });

  it('an edited, a late and a missing file are told by status and refused by up', async () => {
    project.write(
      '20260103000000-add-nick.sql',
      'ALTER TABLE users ADD COLUMN nick varchar;',
      'ALTER TABLE users DROP COLUMN nick;',
    );
    project.write('20260101120000-too-late.sql', 'SELECT 1;');
    await project.run('sum');
    expect(await project.states()).toEqual([
      'create-users applied',
      'too-late late',
      'index-email applied',
      'add-nick altered',
    ]);
    const { exit, err } = await project.run('up');
    expect(exit).toBe(5);
    expect(err).toContain('20260101120000-too-late.sql comes too late: the ledger already stands at 20260103000000');
    project.write(
      '20260103000000-add-nick.sql',
      'ALTER TABLE users ADD COLUMN nick text;',
      'ALTER TABLE users DROP COLUMN nick;',
    );
    await project.run('sum');
    const rebased = await project.run('rebase');
    expect(rebased.out).toMatch(
      /^20260101120000-too-late\.sql → \d{14}-too-late\.sql\n1 migration renamed, lockkeeper\.sum written\n$/,
    );
    expect(await project.states()).toEqual([
      'create-users applied',
      'index-email applied',
      'add-nick applied',
      'too-late pending',
    ]);
  });

  it('history tells the runs, the newest first, with the one that failed', async () => {
    const { out } = await project.run('history', '--json');
    const { runs } = jsonLines(out)[0] as { runs: { direction: string; verdict: string; applied: number }[] };
    expect(runs.map(({ direction, verdict, applied }) => `${direction} ${verdict} ${applied}`)).toEqual([
      'up done 1',
      'up failed 0',
      'up done 2',
    ]);
  });

  it('down reverts the newest run, once', async () => {
    const { exit, out } = await project.run('down', '--to', '20260102000000');
    expect([exit, anonymous(out).at(-1)]).toEqual([0, 'reverted 1 migration; the ledger stands at 20260102000000']);
    expect(await project.states()).toEqual([
      'create-users applied',
      'index-email applied',
      'add-nick reverted',
      'too-late pending',
    ]);
  });

  it('stop has nothing to stop, and knows no execution of that name', async () => {
    expect((await project.run('stop')).out).toBe('nothing to stop: no run is in progress\n');
    expect((await project.run('stop', 'nobody')).exit).toBe(64);
  });
});
