import { describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/main.ts';

const stream = (write: (text: string) => void) => ({ write, on: () => undefined });

/** What a command line prints and exits with when it goes no further than the grammar. */
const refusal = async (...words: string[]) => {
  let [out, err] = ['', ''];
  const process = {
    env: {},
    stdout: stream((text) => (out += text)),
    stderr: stream((text) => (err += text)),
    on: () => undefined,
    off: () => undefined,
  };
  const exit = await main(words, process as unknown as NodeJS.Process);
  return { exit, out, err };
};

describe('the grammar of the command line', () => {
  it.each([
    [['uup'], "unknown command 'uup'"],
    [['up', '--fast'], "unknown option '--fast'"],
    [['up', '--steps', '0'], 'expected a whole number from 1 to 1000000'],
    [['up', '--to', '2026'], 'a version has 14 digits'],
    [['up', '--to', 'none'], 'a version has 14 digits'],
    [['up', '--to', '20260101000000', '--steps', '1'], 'cannot be used with option'],
    [['up', '--stack', 'a', '--database-url', 'postgres://b'], 'cannot be used with option'],
    [['up', '--no-wait'], '--no-wait is for --stack'],
    [['history', '--stack', 'a'], "unknown option '--stack'"],
    [['local', '--port', '70000'], 'expected a whole number from 0 to 65535'],
    [['new'], "missing required argument 'description'"],
    [['status', 'all'], 'too many arguments'],
  ])('refuses %j with 64 and says why', async (words, why) => {
    const { exit, out, err } = await refusal(...words);
    expect([exit, out]).toEqual([64, '']);
    expect(err).toMatch(/^UsageInvalid: /);
    expect(err).toContain(why);
    expect(err).toContain('do: see: lockkeeper --help\n');
  });

  it('refuses in JSON where JSON was asked for', async () => {
    const { exit, out, err } = await refusal('uup', '--json');
    expect([exit, err, JSON.parse(out)]).toMatchObject([
      64,
      '',
      { version: 1, type: 'result', exit: 64, failure: { code: 'UsageInvalid' } },
    ]);
  });

  it('shows help with 64 when no command is given, and with 0 when it is asked for', async () => {
    expect(await refusal()).toMatchObject({ exit: 64, out: '', err: expect.stringContaining('Usage: lockkeeper') });
    expect(await refusal('--help')).toMatchObject({ exit: 0, out: expect.stringContaining('Usage: lockkeeper') });
    expect(await refusal('up', '--help')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('Usage: lockkeeper up'),
    });
  });
});
