import { alteredTable } from '../alter.ts';
import type { Rule } from '../rule.ts';
import { sqlName } from '../words.ts';

const before = 'CREATE TABLE users (name text);';

export const replacedAtOnce: Rule = {
  id: 'replaced-at-once',
  group: 'compatibility',
  severity: 'error',
  title: 'a column or table is dropped in the migration that adds its successor',
  effect:
    'There is no moment at which both are there, so old and new code cannot run side by side: one of them fails, and the rows of the old one are gone.',
  instead: 'Add in this migration; backfill; switch the code; drop in a later one.',
  source: 'https://martinfowler.com/bliki/ParallelChange.html',
  sections: ['up'],
  bad: [
    { before, up: 'ALTER TABLE users ADD COLUMN full_name text;\nALTER TABLE users DROP COLUMN name;' },
    { before, up: 'ALTER TABLE users ADD COLUMN full_name text, DROP COLUMN name;' },
    { before, up: 'CREATE TABLE people (name text);\nDROP TABLE users;' },
  ],
  good: [
    { before, up: 'ALTER TABLE users ADD COLUMN full_name text;' },
    { before, up: 'ALTER TABLE users DROP COLUMN name;' },
    { before: '', up: 'CREATE TABLE a (x int);\nCREATE TABLE b (x int);\nDROP TABLE a;' },
  ],
  ask: (at) => {
    const { facts, earlier, schema } = at;
    const table = alteredTable(at);
    const dropped = facts.objects.filter(
      ({ role, kind, isNew }) => role === 'dropped' && !isNew && ['table', 'column'].includes(kind),
    );
    if (dropped.length === 0) return [];
    const created = [...earlier.flatMap((known) => known.facts.objects), ...facts.objects].filter(
      ({ role }) => role === 'created',
    );
    return dropped.flatMap((object) => {
      const successor =
        object.kind === 'column'
          ? created.find((each) => each.kind === 'column' && each.name === table?.name)
          : created.find(({ kind }) => kind === 'table');
      if (successor === undefined || schema.isUnseen(object)) return [];
      const what = object.part === undefined ? sqlName(object) : `${sqlName(object)}.${object.part}`;
      return [
        {
          message: `${object.kind} ${what} is dropped in the migration that adds ${successor.part ?? sqlName(successor)}: old and new code cannot run side by side`,
          remedy: 'drop it in a later migration, once the code is switched',
        },
      ];
    });
  },
};
