import type { Rule } from '../rule.ts';

/** Characters of `sql` in a call of the Data API: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html */
const longest = 65_536;
const column = 'c text, ';

export const statementAloneTooLong: Rule = {
  id: 'statement-alone-too-long',
  group: 'discipline',
  severity: 'error',
  title: 'a statement outside a transaction of more than 65,536 characters',
  effect:
    'In a transaction a statement travels as a parameter; outside of one it is the text of the call, which the Data API limits. The run fails before anything is sent.',
  instead: 'Put what it needs into a function or table of an earlier migration.',
  source: 'https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html',
  sections: ['up', 'down'],
  bad: [
    {
      before: 'CREATE TABLE t (a text);',
      up: `CREATE INDEX CONCURRENTLY i ON t (a) WHERE a <> '${'x'.repeat(longest)}';`,
      transaction: false,
    },
  ],
  good: [{ before: '', up: `CREATE TABLE t (${column.repeat(9000)}z text);` }],
  ask: ({ facts, section, statement: { sql } }) =>
    !section.transactional && facts.judge !== undefined && sql.length > longest - 200
      ? [
          {
            message: `${facts.kind} has ${sql.length} characters, a call holds 65,536 with our comment`,
            remedy: 'shorten it',
          },
        ]
      : [],
};
