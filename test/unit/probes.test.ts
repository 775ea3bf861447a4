import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { probes } from '../../lib/workflow/probes/probes.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const names = probes.map(({ name }) => name);
const who = { lockkeeper: 'Lockkeeper', operator: 'you' } as const;

/** The cells of the table of probes. */
const rows = (page('assumptions.md').split('## What `lockkeeper doctor` looks at\n')[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the probes of lockkeeper doctor', () => {
  it('have names of their own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it('stand in docs/assumptions.md in their order, with what they do, expect and mean', () => {
    expect(rows).toEqual(
      probes.map(({ name, tries, expected, otherwise }) => [
        `\`${name}\``,
        tries,
        `\`${expected}\``,
        who[otherwise.by],
        otherwise.means,
      ]),
    );
  });

  it.each(['assumptions.md', 'data-api.md'])('are all that a belief of docs/%s names', (file) => {
    const marks = [...page(file).matchAll(/\(probe ([^)]*)\)/g)];
    const named = marks.flatMap(([, list = '']) => [...list.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    expect(marks.length).toBeGreaterThan(1);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});
