import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProject, cliProject } from '../support/cli-project.ts';
import { jsonLines, type RunningCli } from '../support/run-cli.ts';
import { hasTerminal, runInTerminal } from '../support/run-in-terminal.ts';

const skipped = hasTerminal ? '' : ' (skipped: there is no python3 to make one)';
const create = 'CREATE TABLE log (id int); INSERT INTO log VALUES (1);';
const slow = (id: number): string => `INSERT INTO log SELECT ${id} FROM pg_sleep(1.5);`;
/** Goes on when its gate is opened, and not before, however slow the machine is. */
const gated = (id: number): string =>
  `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM log WHERE id = ${-id}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;\nINSERT INTO log VALUES (${id});`;
const openGate = (project: CliProject, id: number) => project.query(`INSERT INTO log VALUES (${-id})`);

const add = async (project: CliProject, id: number, up: string, down?: string): Promise<void> => {
  project.write(`202601${String(id).padStart(2, '0')}000000-slow.sql`, up, down);
  await project.run('sum');
};
const addSlow = (project: CliProject, id: number): Promise<void> => add(project, id, slow(id));

/** Statements of ours at work in the database. */
const statements = async (project: CliProject): Promise<string[]> =>
  (
    await project.query(
      "SELECT query FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, '/* lockkeeper ')",
    )
  ).map(({ query }) => String(query));
const holders = (project: CliProject) => project.query('SELECT holder FROM lockkeeper.lease');

/** Adds a migration and starts `up`; resolves when its statement runs. */
const inTheMiddle = async (project: CliProject, id: number, sql = gated(id), down?: string): Promise<RunningCli> => {
  await add(project, id, sql, down);
  const up = project.start('up', '--json');
  await up.until(sql.includes('CONCURRENTLY') ? '"alone-started"' : '"batch-started"');
  await expect.poll(() => statements(project), { timeout: 20_000 }).toHaveLength(1);
  return up;
};

const countOf = (project: CliProject, id: number) =>
  project.query(`SELECT count(*)::int AS rows FROM log WHERE id = ${id}`);

const stopped = [
  expect.stringMatching(/^stopped arn:\S+Migrate:\S+$/),
  'what is applied stays; the next run continues',
  '',
];

describe('a run that is cut off', () => {
  let project: CliProject;
  beforeAll(async () => {
    project = cliProject();
    project.write('20260101000000-create-log.sql', create, 'DROP TABLE log;');
    await project.run('sum');
    await project.run('up');
  });
  afterAll(() => project.remove());

  it('kill -9 in the middle of a batch: the next up finishes it, nothing twice', async () => {
    const up = await inTheMiddle(project, 2);
    up.process.kill('SIGKILL');
    expect((await up.ended).exit).toBeNull();
    await openGate(project, 2);
    expect((await project.run('up')).exit).toBe(0);
    expect(await countOf(project, 2)).toEqual([{ rows: 1 }]);
  });

  it('Ctrl-C cancels the running statement and exits with 130; the next up continues', async () => {
    const up = await inTheMiddle(project, 3);
    up.process.kill('SIGINT');
    const { exit, out } = await up.ended;
    const message = 'stopped; what is applied stays, the next run continues: lockkeeper up';
    expect([exit, jsonLines(out).at(-1)]).toMatchObject([130, { type: 'result', exit: 130, failure: null, message }]);
    expect([await statements(project), await holders(project)]).toEqual([[], [{ holder: null }]]);
    await openGate(project, 3);
    expect((await project.run('up')).exit).toBe(0);
    expect(await countOf(project, 3)).toEqual([{ rows: 1 }]);
  });

  it('stop ends it from another process and cancels the running statement; the next up continues', async () => {
    const up = await inTheMiddle(project, 4);
    const { exit, out } = await project.run('stop');
    expect([exit, out.split('\n')]).toEqual([0, stopped]);
    const ended = await up.ended;
    expect(ended.exit).toBe(3);
    const failure = { code: 'RunAborted', happened: 'the execution was stopped: stopped with lockkeeper stop' };
    expect(jsonLines(ended.out).at(-1)).toMatchObject({ failure });
    expect([await statements(project), await holders(project)]).toEqual([[], [{ holder: null }]]);
    await openGate(project, 4);
    expect((await project.run('up')).exit).toBe(0);
    expect(await countOf(project, 4)).toEqual([{ rows: 1 }]);
  });

  it.each([
    ['Ctrl-C', 8],
    ['stop', 9],
  ] as const)(
    '%s cancels an index build that waits for another session; nothing runs on, and the next up builds it anew',
    async (how, id) => {
      const reader = await project.connect();
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT count(*) FROM log');
      const [build, drop] = [`CREATE INDEX CONCURRENTLY log_${id} ON log (id);`, `DROP INDEX CONCURRENTLY log_${id};`];
      const up = await inTheMiddle(project, id, build, drop);
      const waits =
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(query, '/* lockkeeper ')";
      await expect.poll(() => project.query(waits), { timeout: 20_000 }).toHaveLength(1);
      if (how === 'stop') expect((await project.run('stop')).out.split('\n')).toEqual(stopped);
      else up.process.kill('SIGINT');
      expect((await up.ended).exit).toBe(how === 'stop' ? 3 : 130);
      expect([await statements(project), await holders(project)]).toEqual([[], [{ holder: null }]]);
      await reader.end();
      expect((await project.run('up')).exit).toBe(0);
      const valid = `SELECT indisvalid FROM pg_index WHERE indexrelid = 'log_${id}'::regclass`;
      expect(await project.query(valid)).toEqual([{ indisvalid: true }]);
    },
  );

  it.skipIf(!hasTerminal)(`Ctrl-C on a terminal leaves a clean line and exits with 130${skipped}`, async () => {
    await addSlow(project, 11);
    const { exit, screen } = await runInTerminal(['up'], { cwd: project.directory, interruptAt: 'Apply a batch' });
    expect(exit).toBe(130);
    expect(screen.endsWith('the next run continues: lockkeeper up\u001B[22m\r\n')).toBe(true);
  });

  it.skipIf(!hasTerminal)(
    `a terminal shows the state, marks what is done, and ends with the result${skipped}`,
    async () => {
      await addSlow(project, 12);
      const { exit, screen } = await runInTerminal(['up'], { cwd: project.directory });
      expect(exit).toBe(0);
      expect(screen).toContain(' Apply a batch 1 s');
      expect(screen).toContain('\u001B[32m✓\u001B[39m applied 20260112000000-slow\r\n');
      expect(screen.endsWith('the ledger stands at 20260112000000\u001B[22m\r\n')).toBe(true);
      expect(await countOf(project, 12)).toEqual([{ rows: 1 }]);
    },
  );

  it.skipIf(!hasTerminal)(
    `a terminal shows a failure in red, and without colour under NO_COLOR${skipped}`,
    async () => {
      project.write('20260113000000-broken.sql', 'INSERT INTO lgo VALUES (4);');
      await project.run('sum');
      const coloured = await runInTerminal(['up'], { cwd: project.directory });
      expect([coloured.exit, coloured.screen.includes('\u001B[31m\u001B[1mMigrationFailed')]).toEqual([3, true]);
      const plain = await runInTerminal(['up'], { cwd: project.directory, environment: { NO_COLOR: '1' } });
      const failure = '20260113000000-broken.sql:2: relation "lgo" does not exist (SQLSTATE 42P01)';
      expect(plain.screen).toContain(`✗ MigrationFailed: ${failure}\r\n`);
      expect(plain.screen.replaceAll('\u001B[K', '')).not.toContain('\u001B[');
    },
  );
});

describe('two runs', () => {
  it('at once on a new database both end well: one applies, the other waits and finds nothing to do', async () => {
    const project = cliProject();
    project.write('20260101000000-create-log.sql', create);
    project.write('20260102000000-slow.sql', slow(2));
    // the one that waits looks again after these seconds, not after ten
    writeFileSync(join(project.directory, 'lockkeeper.json'), '{ "migrateLeaseWaitSeconds": 5 }');
    await project.run('sum');
    const ends = await Promise.all([project.run('up', '--json'), project.run('up', '--json')]);
    expect(ends.map(({ exit }) => exit)).toEqual([0, 0]);
    const applied = ends.map(
      ({ out }) => (jsonLines(out).at(-1) as { output: { applied?: number } }).output.applied ?? 0,
    );
    expect(applied.toSorted()).toEqual([0, 2]);
    await project.remove();
  });
});

describe('lockkeeper local', () => {
  it('prints addresses that work as NAME=value lines, ends with 0 on Ctrl-C, and names a port that is taken', async () => {
    const project = cliProject();
    project.write('20260101000000-create-log.sql', create);
    await project.run('sum');
    const local = project.start('local');
    await local.until('DATABASE_URL=');
    const environment = Object.fromEntries(
      local
        .out()
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(Object.keys(environment)).toEqual([
      'AWS_ENDPOINT_URL_RDS_DATA',
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'RESOURCE_ARN',
      'SECRET_ARN',
      'DATABASE_NAME',
      'DATABASE_URL',
    ]);
    const taken = new URL(environment.AWS_ENDPOINT_URL_RDS_DATA ?? '').port;
    const second = await project.run('local', '--data-api-port', taken);
    expect([second.exit, second.err.split('\n')[0]]).toEqual([5, expect.stringMatching(`^PortTaken: .*${taken}`)]);
    local.process.kill('SIGINT');
    expect((await local.ended).exit).toBe(0);
    await project.remove();
  });
});
