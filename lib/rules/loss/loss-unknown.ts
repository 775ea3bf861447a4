import type { Rule } from '../rule.ts';

export const lossUnknown: Rule = {
  id: 'loss-unknown',
  group: 'loss',
  severity: 'warning',
  title: 'what is lost cannot be told',
  effect:
    'Some SQL is put together at run time, or stands in a function that is not in the changelog. It counts as destructive: a snapshot is taken first.',
  instead: 'Write the statements out, or create the function in a migration, so that its body can be read.',
  source: 'https://www.postgresql.org/docs/17/plpgsql-statements.html#PLPGSQL-STATEMENTS-EXECUTING-DYN',
  sections: ['up'],
  bad: [{ before: '', up: "DO $$ DECLARE t text := 'a' || 'b'; BEGIN EXECUTE 'DROP TABLE ' || t; END $$;" }],
  good: [{ before: '', up: 'DO $$ BEGIN CREATE TABLE a (x int); END $$;' }],
  ask: ({ facts }) =>
    facts.loss === 'unknown'
      ? [
          {
            message: `what ${facts.kind} loses cannot be told; it counts as destructive`,
            remedy: 'write out what it does, or create the function that it calls in a migration',
          },
        ]
      : [],
};
