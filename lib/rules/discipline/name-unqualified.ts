import type { Rule } from '../rule.ts';
import { identifier } from '../words.ts';

const kinds = new Set([
  'table',
  'view',
  'materialized view',
  'sequence',
  'type',
  'function',
  'procedure',
  'domain',
  'foreign table',
  'partitioned table',
]);

export const nameUnqualified: Rule = {
  id: 'name-unqualified',
  group: 'discipline',
  severity: 'off',
  title: 'a name without its schema',
  effect:
    'Which table is meant depends on the search_path of the role that runs the migration: another role, another table.',
  instead: 'Write the schema before the name. The rule is off unless `lockkeeper.json` asks for it.',
  source: 'https://www.postgresql.org/docs/17/ddl-schemas.html#DDL-SCHEMAS-PATH',
  sections: ['up', 'down'],
  bad: [
    { before: '', up: 'CREATE TABLE users (id bigint);' },
    { before: 'CREATE TABLE app.users (id bigint);', up: 'ALTER TABLE users ADD COLUMN name text;' },
  ],
  good: [
    { before: '', up: 'CREATE TABLE app.users (id bigint);' },
    { before: '', up: 'CREATE TEMP TABLE t AS SELECT 1;' },
    { before: '', up: 'CREATE TABLE public.my_table AS SELECT 1;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    const temporary =
      ('CreateStmt' in node && node.CreateStmt.relation?.relpersistence === 't') ||
      ('CreateTableAsStmt' in node && node.CreateTableAsStmt.into?.rel?.relpersistence === 't');
    if (temporary) return [];
    const names = facts.objects.filter(
      ({ schema, kind, role, part }) => schema === null && kinds.has(kind) && part === undefined && role !== 'read',
    );
    return [...new Set(names.map(({ name }) => name))].map((name) => ({
      message: `${identifier(name)} has no schema: which one is meant depends on search_path`,
      remedy: `write the schema before it: public.${identifier(name)}`,
    }));
  },
};
