import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/local-run.ts';
import { runCli } from '../support/run-cli.ts';

const root = new URL('../..', import.meta.url).pathname;
const directory = temporaryDirectory();
cpSync(join(root, 'migrations'), join(directory, 'migrations'), { recursive: true });
cpSync(join(root, 'lockkeeper.json'), join(directory, 'lockkeeper.json'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What differs from run to run: names of executions and snapshots, durations. */
const withoutChance = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '<execution>')
    .replaceAll(/lockkeeper-local-[0-9a-f]{16}/g, '<snapshot>')
    .replaceAll(/(after|in) (\d+(\.\d+)? m?s)( [\d.]+ s)?/g, '$1 <duration>')
    .trim();

const transcript = (command: string): string => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const begin = `<!-- transcript: ${command} -->\n\`\`\`console\n$ ${command}\n`;
  const at = readme.indexOf(begin);
  return at < 0 ? '' : readme.slice(at + begin.length, readme.indexOf('\n```', at + begin.length));
};

test('the transcripts in the README are what the commands print', { timeout: 120_000 }, async () => {
  for (const words of ['check --since 20250924100000', 'up', 'plan --rollback --steps 3', 'down']) {
    const { exit, out } = await runCli(words.split(' '), { cwd: directory });
    expect(exit).toBe(0);
    expect(withoutChance(transcript(`lockkeeper ${words}`))).toBe(withoutChance(out));
  }
});
