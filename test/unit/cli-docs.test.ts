import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../lib/cli/exit-code.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { errorTable } from '../../lib/errors/index.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const source = (file: string): string => readFileSync(new URL(`../../lib/cli/${file}`, import.meta.url), 'utf8');

/** The cells of a table under a heading, without its head. */
const tableUnder = (heading: string): string[][] => {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};
const words = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
const program = buildProgram(async () => {}, '0');

describe('docs/cli.md', () => {
  it('lists the commands of the program with their arguments, in its order', () => {
    const usage = program.commands.map((command) =>
      [
        command.name(),
        ...command.registeredArguments.map((argument) => {
          const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
          return argument.required ? `<${name}>` : `[${name}]`;
        }),
      ].join(' '),
    );
    expect(tableUnder('Commands').map(([command]) => words(command)[0])).toEqual(usage);
  });

  it('says of each command where it works', () => {
    const places = program.commands.map((command) => {
      const flags = command.options.map(({ long }) => long);
      if (flags.includes('--stack')) return 'laptop, `--stack`';
      return ['new', 'sum', 'rebase', 'check'].includes(command.name()) ? 'files' : 'laptop';
    });
    expect(tableUnder('Commands').map((row) => row[2])).toEqual(places);
  });

  it('lists every flag, with the commands that have it', () => {
    const flags = new Map<string, string[]>();
    for (const command of program.commands) {
      for (const { flags: flag } of command.options) flags.set(flag, [...(flags.get(flag) ?? []), command.name()]);
    }
    const all = program.commands.map((command) => command.name());
    const documented = tableUnder('Flags').map(([flag, where]) => {
      const named = words(where).filter((word) => !word.startsWith('--'));
      return [words(flag)[0], named.length === 0 ? null : named];
    });
    expect(documented.map(([flag]) => flag).toSorted()).toEqual([...flags.keys()].toSorted());
    for (const [flag, commands] of documented) {
      const having = flags.get(String(flag)) ?? [];
      if (commands !== null) expect([flag, commands]).toEqual([flag, having]);
      else if (tableUnder('Flags').some(([name, where]) => words(name)[0] === flag && where === 'all')) {
        expect([flag, having]).toEqual([flag, all]);
      }
    }
  });

  it('lists the exit codes of the code', () => {
    expect(tableUnder('Exit codes').map(([code, name]) => [words(name)[0], Number(code)])).toEqual(
      Object.entries(exitCodes),
    );
  });

  it('has an exit code for every error', () => {
    const known: readonly number[] = Object.values(exitCodes);
    expect(Object.values(errorTable).filter(({ exit }) => !known.includes(exit))).toEqual([]);
  });

  it('lists the types of the JSON lines', () => {
    const types = [...source('line.ts').matchAll(/readonly type: '([a-z-]+)'/g)].map(([, type]) => type);
    expect(
      tableUnder('The JSON lines')
        .map(([type]) => words(type)[0])
        .toSorted(),
    ).toEqual(types.toSorted());
  });

  it('names every state of a migration', () => {
    const [, union = ''] = /type MigrationState =([^;]+);/.exec(source('line.ts')) ?? [];
    const states = [...union.matchAll(/'([a-z]+)'/g)].map(([, state]) => state);
    const [, sentence = ''] = /A migration's `state` is one of (.+)/.exec(page) ?? [];
    expect(words(sentence).toSorted()).toEqual(states.toSorted());
  });
});
