import { exactly, outcome, type Probe, value } from './probe.ts';

const report = {
  by: 'operator',
  means: 'the ledger would be read wrongly: do not run it here, and report it',
} as const;
const cast = {
  by: 'lockkeeper',
  means: 'nothing rests on it: every column is cast to text, a number or a boolean',
} as const;

/** How values come back. */
export const results: readonly Probe[] = [
  {
    name: 'values',
    tries: 'reads a bigint, a float8, a boolean, a text and NULL by their names',
    expected: '{"big":9007199254740991,"half":0.5,"yes":true,"word":"ä","none":null}',
    otherwise: report,
    anywhere: true,
    look: async ({ database }) => {
      const [row] = await database.query(
        "SELECT CAST(9007199254740991 AS bigint) AS big, CAST(0.5 AS float8) AS half, true AS yes, CAST('ä' AS text) AS word, CAST(NULL AS text) AS none",
      );
      return exactly('{"big":9007199254740991,"half":0.5,"yes":true,"word":"ä","none":null}')(
        JSON.stringify(row ?? {}),
      );
    },
  },
  {
    name: 'numeric-text',
    tries: 'reads a numeric',
    expected: '"1.10"',
    otherwise: cast,
    anywhere: true,
    look: async ({ database }) => {
      const [row] = await database.query('SELECT CAST(1.10 AS numeric) AS value');
      return exactly('"1.10"')(JSON.stringify(row?.['value'] ?? null));
    },
  },
  {
    name: 'timestamp-text',
    tries: 'reads a timestamptz',
    expected: '2025-01-02 01:04:05',
    otherwise: { by: 'lockkeeper', means: 'instants are put into text by the database, with their offset' },
    anywhere: true,
    look: async (ground) =>
      exactly('2025-01-02 01:04:05')(
        await value(ground, "SELECT CAST('2025-01-02 03:04:05+02' AS timestamptz) AS value"),
      ),
  },
  {
    name: 'unsupported-types',
    tries: 'reads an interval',
    expected: 'ResultUnsupported',
    otherwise: cast,
    anywhere: true,
    look: async ({ database }) =>
      exactly('ResultUnsupported')(await outcome(database.query("SELECT CAST('1 day' AS interval) AS value"))),
  },
];
