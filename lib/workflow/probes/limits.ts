import { exactly, outcome, type Probe, value } from './probe.ts';

const sqlCharacters = 65_536;
const requestBytes = 3_900_000;
const rowBytes = 60_000;
const resultRows = 16;

/** Sizes that Lockkeeper makes use of. */
export const limits: readonly Probe[] = [
  {
    name: 'sql-length',
    tries: 'sends a statement of 65,536 characters',
    expected: 'done',
    otherwise: { by: 'operator', means: 'keep statements outside a transaction shorter; report it' },
    anywhere: true,
    look: async ({ database }) => {
      const sql = 'SELECT 1 AS value /* */';
      const long = sql.replace('/* */', `/*${' '.repeat(sqlCharacters - sql.length + 1)}*/`);
      return exactly('done')(await outcome(database.query(long)));
    },
  },
  {
    name: 'request-size',
    tries: 'sends a request of 3.9 million bytes',
    expected: 'arrived whole',
    otherwise: { by: 'operator', means: 'split migrations that are too large for a request; report it' },
    anywhere: true,
    look: async (ground) => {
      const found = await value(ground, 'SELECT octet_length(CAST(:value AS text)) AS value', {
        value: 'x'.repeat(requestBytes),
      });
      return exactly('arrived whole')(found === String(requestBytes) ? 'arrived whole' : `${found} bytes arrived`);
    },
  },
  {
    name: 'result-size',
    tries: 'reads 16 rows of 60,000 bytes each',
    expected: 'came whole',
    otherwise: { by: 'operator', means: 'a ledger of thousands of migrations could not be read; report it' },
    anywhere: true,
    look: async ({ database }) => {
      const rows = await database.query(
        `SELECT repeat('x', ${rowBytes}) AS value FROM generate_series(1, ${resultRows})`,
      );
      const whole = rows.length === resultRows && rows.every(({ value: text }) => String(text).length === rowBytes);
      return exactly('came whole')(whole ? 'came whole' : `${rows.length} rows, not whole`);
    },
  },
];
