import { LockkeeperError } from '../../errors/index.ts';
import { exactly, outcome, type Probe, quoted } from './probe.ts';

const thrown = async (statement: Promise<unknown>): Promise<LockkeeperError | null> => {
  try {
    await statement;
    return null;
  } catch (error) {
    if (error instanceof LockkeeperError) return error;
    throw error;
  }
};

/** What a refused statement says of itself. */
export const errors: readonly Probe[] = [
  {
    name: 'error-sqlstate',
    tries: 'divides by zero',
    expected: 'SQLSTATE 22012',
    otherwise: {
      by: 'operator',
      means:
        'a failed statement cannot be told from a lost reply, so runs repeat it until their tries are spent; report it',
    },
    anywhere: true,
    look: async ({ database }) =>
      exactly('SQLSTATE 22012')(
        await outcome(database.query('SELECT 1 / CAST(:zero AS bigint) AS value', { zero: 0 })),
      ),
  },
  {
    name: 'error-hint',
    tries: 'raises an error with a hint',
    expected: 'message and hint apart',
    otherwise: { by: 'lockkeeper', means: 'failures are shown without their hint, or with it in the message' },
    anywhere: true,
    look: async ({ database }) => {
      const error = await thrown(
        database.query(`DO ${quoted("begin raise exception 'said' using hint = 'hinted'; end")}`),
      );
      const found = error?.message === 'said' && error.details['hint'] === 'hinted';
      return exactly('message and hint apart')(found ? 'message and hint apart' : (error?.message ?? 'no error'));
    },
  },
  {
    name: 'error-detail',
    tries: 'breaks a unique constraint, whose error quotes the row in its detail',
    expected: 'no row value',
    otherwise: {
      by: 'operator',
      means: 'values of rows would reach the logs with the errors of a migration; report it',
    },
    look: async ({ database, schema }) => {
      await database.query(`CREATE TABLE ${schema}.once (word text UNIQUE)`);
      const insert = `INSERT INTO ${schema}.once VALUES ('quotedvalue')`;
      await database.query(insert);
      const error = await thrown(database.query(insert));
      if (error === null) return { holds: false, found: 'no error' };
      const told = `${error.message} ${JSON.stringify(error.details)}`.includes('quotedvalue');
      return exactly('no row value')(told ? 'a row value' : 'no row value');
    },
  },
];
