import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CliProject, cliProject } from '../support/cli-project.ts';
import { jsonLines } from '../support/run-cli.ts';
import { hasTerminal, runInTerminal } from '../support/run-in-terminal.ts';

const slow = 'INSERT INTO log SELECT 2 FROM pg_sleep(3);';
const threeWithASlowOne = async (): Promise<CliProject> => {
  const project = cliProject();
  project.write(
    '20260101000000-create-log.sql',
    'CREATE TABLE log (id int); INSERT INTO log VALUES (1);',
    'DROP TABLE log;',
  );
  project.write('20260102000000-slow.sql', slow);
  project.write('20260103000000-last.sql', 'INSERT INTO log VALUES (3);');
  await project.run('sum');
  return project;
};
const onceEach = [{ id: 1 }, { id: 2 }, { id: 3 }];

describe('a run that is cut off', () => {
  let project: CliProject;
  beforeEach(async () => {
    project = await threeWithASlowOne();
  });
  afterEach(() => project.remove());

  it('kill -9 in the middle of a batch: the next up finishes it, nothing twice', async () => {
    const up = project.start('up', '--json');
    await up.until('"batch-started"');
    await pause(500);
    up.process.kill('SIGKILL');
    expect((await up.ended).exit).toBeNull();
    expect((await project.run('up')).exit).toBe(0);
    expect(await project.query('SELECT id FROM log ORDER BY id')).toEqual(onceEach);
  });

  it('Ctrl-C stops the run and exits with 130; the next up continues', async () => {
    const up = project.start('up', '--json');
    await up.until('"batch-started"');
    await pause(500);
    up.process.kill('SIGINT');
    const { exit, out } = await up.ended;
    expect([exit, jsonLines(out).at(-1)]).toMatchObject([
      130,
      {
        type: 'result',
        exit: 130,
        failure: null,
        message: 'stopped; what is applied stays, the next run continues: lockkeeper up',
      },
    ]);
    expect((await project.run('up')).exit).toBe(0);
    expect(await project.query('SELECT id FROM log ORDER BY id')).toEqual(onceEach);
  });

  it('stop ends it from another process', async () => {
    const up = project.start('up', '--json');
    await up.until('"batch-started"');
    const { exit, out } = await project.run('stop');
    expect([exit, out]).toMatchObject([
      0,
      expect.stringMatching(/^stopped arn:\S+Migrate:\S+\nwhat is applied stays; the next run continues\n$/),
    ]);
    const ended = await up.ended;
    expect(ended.exit).toBe(3);
    expect(jsonLines(ended.out).at(-1)).toMatchObject({
      failure: { code: 'RunAborted', happened: 'the execution was stopped: stopped with lockkeeper stop' },
    });
  });

  it('two at once on a new database both end well', async () => {
    const ends = await Promise.all([project.run('up', '--json'), project.run('up', '--json')]);
    expect(ends.map(({ exit }) => exit)).toEqual([0, 0]);
    const applied = ends.map(
      ({ out }) => (jsonLines(out).at(-1) as { output: { applied?: number } }).output.applied ?? 0,
    );
    expect(applied.toSorted()).toEqual([0, 3]);
    expect(await project.query('SELECT id FROM log ORDER BY id')).toEqual(onceEach);
  });
});

describe(`on a terminal${hasTerminal ? '' : ' (skipped: there is no python3 to make one)'}`, () => {
  let project: CliProject;
  beforeAll(async () => {
    project = await threeWithASlowOne();
  });
  afterAll(() => project.remove());
  const inTerminal = (
    words: readonly string[],
    more: { interruptAt?: string; environment?: Record<string, string> } = {},
  ) => runInTerminal(words, { cwd: project.directory, ...more });

  it.skipIf(!hasTerminal)('Ctrl-C leaves a clean line, a running server to others, and exits with 130', async () => {
    const { exit, screen } = await inTerminal(['up'], { interruptAt: 'Apply a batch' });
    expect(exit).toBe(130);
    expect(screen).toMatch(/stopped; what is applied stays, the next run continues: lockkeeper up\u001B\[22m\r\n$/);
  });

  it.skipIf(!hasTerminal)('shows the state it is in, marks what is done, and ends with the result', async () => {
    const { exit, screen } = await inTerminal(['up']);
    expect(exit).toBe(0);
    expect(screen).toMatch(/\r\u001B\[K[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Apply a batch 1 s/);
    expect(screen).toContain('\u001B[32m✓\u001B[39m applied 20260103000000-last\r\n');
    expect(screen).toMatch(/the ledger stands at 20260103000000\u001B\[22m\r\n$/);
  });

  it.skipIf(!hasTerminal)('shows a failure in red, and without colour under NO_COLOR', async () => {
    project.write('20260104000000-broken.sql', 'INSERT INTO lgo VALUES (4);');
    await project.run('sum');
    const coloured = await inTerminal(['up']);
    expect([coloured.exit, coloured.screen.includes('\u001B[31m\u001B[1mMigrationFailed')]).toEqual([3, true]);
    const plain = await inTerminal(['up'], { environment: { NO_COLOR: '1' } });
    expect(plain.screen).toContain(
      '✗ MigrationFailed: 20260104000000-broken.sql:2: relation "lgo" does not exist (SQLSTATE 42P01)\r\n',
    );
    expect(plain.screen).not.toMatch(/\u001B\[\d+m/);
  });
});

describe('lockkeeper local', () => {
  it('prints addresses that work as NAME=value lines, ends with 0 on Ctrl-C, and names a port that is taken', async () => {
    const project = await threeWithASlowOne();
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
    project.remove();
  });
});
