import { describe, expect, it } from 'vitest';
import type { Line } from '../../lib/cli/line.ts';
import { openScreen } from '../../lib/cli/screen.ts';
import { planFixture } from '../support/history-events.ts';

const at = '2026-01-02T03:04:05.000Z';
const lines: readonly Line[] = [
  {
    type: 'started',
    direction: 'up',
    execution: 'arn:aws:states:eu-central-1:111122223333:execution:shop-Migrate:run-1',
    at,
  },
  { type: 'state', state: 'Check the ledger', at },
  {
    type: 'plan',
    decision: 'go',
    message: '2 migrations to apply, 1 of them destructive; a snapshot is taken first',
    plan: planFixture,
    at,
  },
  { type: 'batch-started', direction: 'up', versions: ['20260101000000'], at },
  { type: 'batch', direction: 'up', versions: ['20260101000000'], count: 1, already: 0, durationMs: 120, at },
  { type: 'snapshot', identifier: 'shop-1', durationMs: 192_000, at },
  { type: 'alone-started', direction: 'up', migration: '20260103000000', at },
  { type: 'progress', migration: '20260103000000', progress: 'building index 42 %', at },
  { type: 'alone', direction: 'up', migration: '20260103000000', durationMs: 4210, at },
  { type: 'log', text: '{"level":"INFO"}' },
  { type: 'result', exit: 0, message: 'applied 2 migrations', failure: null, output: null },
];

const shown = (
  options: { json?: boolean; verbose?: boolean; terminal?: boolean; environment?: Record<string, string> },
  what = lines,
) => {
  const [out, err]: [string[], string[]] = [[], []];
  const stream = (to: string[]) => ({
    isTTY: options.terminal ?? false,
    columns: 60,
    write: (text: string) => to.push(text),
  });
  const screen = openScreen({
    out: stream(out),
    err: stream(err),
    json: options.json ?? false,
    verbose: options.verbose ?? false,
    environment: options.environment ?? {},
    now: () => 0,
  });
  for (const line of what) {
    if (line.type === 'plan') screen.know(line.plan.steps);
    screen.line(line);
  }
  screen.end();
  return { out: out.join(''), err: err.join('') };
};

const failure: Line = {
  type: 'result',
  exit: 3,
  message: null,
  failure: {
    code: 'MigrationFailed',
    happened: 'x.sql:4: no\u001B[2J',
    now: 'nothing is half done',
    todo: 'correct it',
    causes: ['Error: below'],
  },
  output: null,
};

const blocks = [
  '  20260101000000-create-users',
  '    does    CREATE TABLE',
  '    locks   nothing that others wait for',
  '    loses   nothing',
  '    back    restores schema and data',
  '',
  '  20260102000000-drop-legacy',
  '    does    DROP TABLE',
  '    before  a snapshot is taken',
  '    locks   blocks every read and write of legacy for a moment (ACCESS EXCLUSIVE)',
  '    loses   drops table legacy with what is in it',
  '    back    not proven',
  '',
  'ways back are proven with: lockkeeper check --prove',
];

describe('the screen', () => {
  it('prints plain lines in a pipe, without control characters', () => {
    const { out, err } = shown({});
    expect(out.split('\n')).toEqual([
      'Migrate run-1',
      '2 migrations to apply, 1 of them destructive; a snapshot is taken first',
      '  20260101000000-create-users  CREATE TABLE',
      '  20260102000000-drop-legacy   DROP TABLE · destroys data · snapshot first',
      'applied 20260101000000-create-users',
      '1 migration applied in 120 ms',
      'snapshot shop-1 available after 3 min 12 s',
      'running 20260103000000 outside a transaction',
      '20260103000000: building index 42 %',
      'applied 20260103000000 in 4.2 s',
      'applied 2 migrations',
      '',
    ]);
    expect(err).toBe('');
  });

  it.each([
    ['nothing', []],
    ['plan', ['2 to apply', ...blocks, 'digest d1ge57']],
    ['approve', blocks],
  ])('leaves to the result what that says of a plan that is decided as %s', (decision, expected) => {
    const { out } = shown({}, [{ type: 'plan', decision, message: '2 to apply', plan: planFixture, at }]);
    expect(out.split('\n').slice(0, -1)).toEqual(expected);
  });

  it('prints one JSON object a line, each with the version of the stream, the result last', () => {
    const rows = shown({ json: true })
      .out.trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row) as { version: number; type: string });
    expect(rows.map(({ version }) => version)).toEqual(rows.map(() => 1));
    expect(rows.map(({ type }) => type)).toEqual([
      'started',
      'state',
      'plan',
      'batch-started',
      'batch',
      'snapshot',
      'alone-started',
      'progress',
      'alone',
      'result',
    ]);
  });

  it('turns one line on a terminal, never as wide as it, and leaves none behind', () => {
    const wide: Line = { type: 'state', state: 'W'.repeat(200), at };
    const { out } = shown({ terminal: true }, [wide, ...lines]);
    const drawn = out.split('\r\u001B[K').filter((part) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(part));
    expect(drawn.map((part) => part.length).filter((length) => length >= 60)).toEqual([]);
    expect(drawn.includes('⠹ Check the ledger')).toBe(true);
    expect(out.endsWith('applied 2 migrations\u001B[22m\n')).toBe(true);
  });

  it('writes no colour where NO_COLOR is set, and no control characters on a dumb terminal', () => {
    const monochrome = shown({ terminal: true, environment: { NO_COLOR: '1' } }).out;
    expect(monochrome.replaceAll('\u001B[K', '')).not.toContain('\u001B');
    expect(shown({ terminal: true, environment: { TERM: 'dumb' } }).out).not.toContain('\u001B');
  });

  it('says what happened, what is true now and what to do on standard error, and removes foreign control characters', () => {
    const { out, err } = shown({}, [failure]);
    expect(out).toBe('');
    expect(err).toBe('MigrationFailed: x.sql:4: no[2J\nnow: nothing is half done\ndo: correct it\n');
  });

  it('shows logs and causes only when asked', () => {
    expect(shown({}, [failure]).err).not.toContain('below');
    expect(shown({ verbose: true }, [...lines, failure]).err).toContain('{"level":"INFO"}\nMigrationFailed');
    expect(shown({ verbose: true }, [failure]).err).toContain('cause: Error: below');
  });

  const looks: readonly Line[] = [1, 2, 40].flatMap((seconds): Line[] => [
    {
      type: 'progress',
      migration: '20260103000000',
      progress: `runs for ${seconds} s; it waits for:\n  pid 7 (${seconds} s, report\u001B[2J)`,
      at: new Date(Date.parse(at) + seconds * 1000).toISOString(),
    },
    { type: 'state', state: 'Wait for the statement', at },
    { type: 'state', state: 'Run a statement alone', at },
  ]);

  it('prints once who is waited for and keeps it on the turning line; in a pipe again after half a minute', () => {
    const terminal = shown({ terminal: true, environment: { NO_COLOR: '1' } }, [
      ...looks,
      { type: 'state', state: 'Settle the failure', at },
    ])
      .out.replaceAll('\r\u001B[K', '\n')
      .split('\n');
    expect(terminal.filter((part) => part.startsWith('  pid'))).toEqual(['  pid 7 (1 s, report[2J)']);
    const turning = terminal.filter((part) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(part)).map((part) => part.slice(2));
    expect(new Set(turning)).toEqual(
      new Set([...['1', '2', '40'].map((s) => `20260103000000: runs for ${s} s; it waits for:`), 'Settle the failure']),
    );
    expect(
      shown({}, looks)
        .out.split('\n')
        .filter((part) => part.startsWith('  pid')),
    ).toEqual(['  pid 7 (1 s, report[2J)', '  pid 7 (40 s, report[2J)']);
  });

  it('tells once that a lock was met, and the turning line how often', () => {
    const met = [1, 2, 3].map((attempt): Line => ({
      type: 'trouble',
      state: 'Apply a batch',
      code: 'LockTimeout',
      message: `waited; in its way:\n  pid 7 (${attempt} s)`,
      attempt,
      at,
    }));
    const { out } = shown({ terminal: true, environment: { NO_COLOR: '1' } }, met);
    expect(out.split('pid 7 (').length - 1).toBe(1);
    expect(out).toContain('Apply a batch: met LockTimeout (3 times), trying again');
    expect(shown({}, met).out).toBe('Apply a batch: met LockTimeout: waited; in its way:\n  pid 7 (1 s)\n');
  });
});
