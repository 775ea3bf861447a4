import type { Rule } from '../rule.ts';
import { identifier } from '../words.ts';
import { type WrittenColumn, writtenColumns } from '../written-columns.ts';

interface TypeRule extends Omit<Rule, 'ask' | 'group' | 'sections' | 'bad' | 'good'> {
  readonly bad: readonly [string, ...string[]];
  readonly good: readonly [string, ...string[]];
  readonly is: (column: WrittenColumn) => boolean;
  /** What the column's type does that is regretted: `forgets its time zone`. */
  readonly does: string;
  readonly write: string;
}

const example = (up: string): Rule['bad'][number] => ({ before: 'CREATE TABLE u (id bigint, a text);', up });

/** A rule about the type of each column that an up writes. */
export const typeRule = ({ is, does, write, bad, good, ...rest }: TypeRule): Rule => ({
  ...rest,
  group: 'types',
  sections: ['up'],
  bad: [example(bad[0]), ...bad.slice(1).map(example)],
  good: [example(good[0]), ...good.slice(1).map(example)],
  ask: (at) =>
    writtenColumns(at)
      .filter(is)
      .map(({ name, location }) => ({
        location,
        message: `column ${identifier(name)} ${does}`,
        remedy: `make it ${identifier(name)} ${write}`,
      })),
});
