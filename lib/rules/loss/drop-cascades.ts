import type { Rule } from '../rule.ts';

export const dropCascades: Rule = {
  id: 'drop-cascades',
  group: 'loss',
  severity: 'warning',
  title: 'DROP … CASCADE',
  effect:
    'Everything that depends on it goes, too: views, foreign keys, columns of a type. What that is depends on the database it runs in.',
  instead: 'Drop each thing by its name, what depends first. PostgreSQL refuses when one is missing.',
  source: 'https://www.postgresql.org/docs/17/ddl-depend.html',
  sections: ['up'],
  bad: [
    { before: 'CREATE TABLE a (id bigint);\nCREATE VIEW v AS SELECT id FROM a;', up: 'DROP TABLE a CASCADE;' },
    { before: 'CREATE TABLE a (id bigint, x int);', up: 'ALTER TABLE a DROP COLUMN x CASCADE;' },
  ],
  good: [
    { before: 'CREATE TABLE a (id bigint);\nCREATE VIEW v AS SELECT id FROM a;', up: 'DROP VIEW v;\nDROP TABLE a;' },
  ],
  ask: ({ facts, statement: { node } }) => {
    const dropped = facts.objects.some(({ role, isNew }) => role === 'dropped' && !isNew);
    const cascades =
      ('DropStmt' in node && node.DropStmt.behavior === 'DROP_CASCADE') ||
      facts.parts.some((part) => part.kind.startsWith('DROP') && part.node.behavior === 'DROP_CASCADE');
    if (!cascades || !dropped) return [];
    return [
      {
        message: `${facts.kind} takes with it whatever depends on it, in the database it runs in`,
        remedy: 'drop each thing by its name, what depends first',
      },
    ];
  },
};
