import type { Rule } from '../rule.ts';
import { identifier } from '../words.ts';

const longName = 'a_column_whose_name_says_so_much_that_postgresql_does_not_keep_all_of_it';
const words = /"((?:[^"]|"")+)"|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/g;
const skipped = /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$/g;

/** PostgreSQL keeps this many bytes of a name: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const longest = 63;

export const identifierTooLong: Rule = {
  id: 'identifier-too-long',
  group: 'discipline',
  severity: 'error',
  title: 'a name of more than 63 bytes',
  effect:
    'PostgreSQL cuts it off with a notice that nobody sees. The code asks for the whole name, and two long names can become one.',
  instead: 'Take a name of at most 63 bytes.',
  source: 'https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS',
  sections: ['up', 'down'],
  bad: [{ before: '', up: `CREATE TABLE t (${longName} text);` }],
  good: [{ before: '', up: `CREATE TABLE t (c text);\nCOMMENT ON COLUMN t.c IS '${longName}';` }],
  ask: ({ statement: { sql } }) =>
    [...sql.replaceAll(skipped, ' ').matchAll(words)]
      .map(([word, inner]) => (inner === undefined ? word : inner.replaceAll('""', '"')))
      // a code unit takes three bytes at most
      .filter((name) => name.length * 3 > longest && new TextEncoder().encode(name).length > longest)
      .map((name) => ({
        message: `the name ${identifier(name)} has ${new TextEncoder().encode(name).length} bytes, PostgreSQL keeps 63`,
        remedy: 'take a shorter name',
      })),
};
