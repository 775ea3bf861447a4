import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/data-api.md', import.meta.url), 'utf8');
const directory = new URL('../integration/', import.meta.url);
const tests = readdirSync(directory)
  .filter((name) => /^data-api-.*\.test\.ts$/.test(name))
  .map((name) => readFileSync(new URL(name, directory), 'utf8'))
  .join('\n');

/** The rows of the tables that have a column for the test: behaviour, source, certainty, imitated, test. */
const rows = page
  .split('\n## ')
  .filter((section) => / \| test +\|\n/.test(section))
  .flatMap((section) => section.split('\n').filter((line) => line.startsWith('| ')))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([first = '']) => !/^(-+|behaviour|the service says)$/.test(first))
  .map((cells) => ({
    what: cells[0]!,
    source: cells.at(-4)!,
    certainty: cells.at(-3)!,
    imitated: cells.at(-2)!,
    test: cells.at(-1)!,
  }));

describe('docs/data-api.md', () => {
  it('has the rows that this test reads', () => {
    expect(rows.length).toBeGreaterThan(70);
  });

  it('gives each behaviour a certainty, and a source unless it is unproven or nobody’s claim', () => {
    for (const { what, source, certainty } of rows) {
      expect([what, /^(documented|measured|unproven|PostgreSQL|–)/.test(certainty)]).toEqual([what, true]);
      if (/^(documented|measured)/.test(certainty))
        expect([what, source]).toEqual([what, expect.stringMatching(/\[.+\]/)]);
    }
  });

  it('names no source that it does not link', () => {
    const linked = new Set([...page.matchAll(/^\[(.+?)\]: https:/gm)].map(([, name]) => name));
    for (const { source } of rows)
      for (const [, name] of source.matchAll(/\[(.+?)\]/g)) expect([name, linked.has(name)]).toEqual([name, true]);
  });

  it('names for each behaviour that is imitated a test that is there', () => {
    for (const { what, imitated, test } of rows) {
      if (test === '–') {
        expect([what, imitated]).toEqual([what, expect.stringMatching(/^(–|as PostgreSQL)/)]);
        continue;
      }
      const names = [...test.matchAll(/`(.+?)`/g)].map(([, name]) => name!);
      expect([what, names.length > 0]).toEqual([what, true]);
      for (const name of names.filter((each) => !each.startsWith('data-api-')))
        expect([name, tests.includes(`'${name}'`)]).toEqual([name, true]);
    }
  });
});
