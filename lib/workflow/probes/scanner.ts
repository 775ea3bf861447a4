import { exactly, type Probe, value } from './probe.ts';

const report = {
  by: 'operator',
  means: "the search for parameters would change Lockkeeper's own SQL on its way: do not run it here, and report it",
} as const;
const harmless = {
  by: 'lockkeeper',
  means: 'nothing rests on it: a transactional migration travels as the value of a parameter',
} as const;

/** What the search for `:name` does to the text of a statement, by the text that arrives. */
const arrives = (name: string, tries: string, sql: string, expected: string, otherwise: Probe['otherwise']): Probe => ({
  name,
  tries,
  expected,
  otherwise,
  anywhere: true,
  look: async (ground) => exactly(expected)(await value(ground, sql)),
});

/** The Data API's search for `:name` in a statement, and what becomes of parameters. */
export const scanner: readonly Probe[] = [
  arrives(
    'scanner-single-quotes',
    'writes a colon word within single quotes',
    "SELECT 'a :b c' AS value",
    'a :b c',
    report,
  ),
  arrives(
    'scanner-comments',
    'writes colon words in both kinds of comment, and reads back the statement that arrived',
    'SELECT right(current_query(), 14) AS value /* :a */ -- :b',
    '/* :a */ -- :b',
    {
      by: 'lockkeeper',
      means: 'a comment of a migration outside a transaction may arrive changed; what it does is the same',
    },
  ),
  arrives(
    'scanner-double-quotes',
    'writes a colon word in a quoted name',
    'SELECT x.":b" AS value FROM (SELECT 7 AS ":b") x',
    '7',
    {
      by: 'lockkeeper',
      means: 'only a migration outside a transaction with such a name fails; transactional ones travel as a parameter',
    },
  ),
  arrives('scanner-casts', 'casts with two colons', "SELECT '7'::text AS value", '7', report),
  arrives(
    'scanner-dollar-quotes',
    'writes a colon word within dollar quotes',
    'SELECT $$a :b c$$ AS value',
    'a $1 c',
    harmless,
  ),
  arrives(
    'scanner-escape-strings',
    'writes a colon word behind an escaped quote',
    "SELECT E'it\\'s :b' || '' AS value",
    "it's $1",
    harmless,
  ),
  {
    name: 'parameter-values',
    tries: 'sends colon words and dollar quotes as the value of a parameter',
    expected: 'unchanged',
    otherwise: report,
    anywhere: true,
    look: async (ground) => {
      const sent = "$$a :b c$$ 'd' ::e /* :f */";
      const found = await value(ground, 'SELECT CAST(:value AS text) AS value', { value: sent });
      return exactly('unchanged')(found === sent ? 'unchanged' : found);
    },
  },
  {
    name: 'parameter-types',
    tries: 'asks for the types of a text and a number that were sent',
    expected: 'text, bigint',
    otherwise: { by: 'lockkeeper', means: 'each parameter is cast where it is used' },
    anywhere: true,
    look: async (ground) =>
      exactly('text, bigint')(
        await value(
          ground,
          "SELECT CAST(pg_typeof(:word) AS text) || ', ' || CAST(pg_typeof(:number) AS text) AS value",
          { word: 'a', number: 1 },
        ),
      ),
  },
];
