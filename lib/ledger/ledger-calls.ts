import type { Cell, Database, Parameters, QueryOptions, Row } from './database.ts';
import { ledgerError, sqlstateOf } from './ledger-errors.ts';
import { type Finding, Routines } from './routines.ts';
import { unfitBySetting } from './session-defaults.ts';

/** How the ledger in one schema is asked: each method is one call of the database. */
export interface LedgerCalls {
  readonly schema: string;
  readonly database: Database;
  /** The schema as SQL names it. */
  readonly quoted: string;
  /** What our statements carry in front, so that pg_stat_activity tells whose they are. */
  leading(comment: string): string;
  rows(sql: string, parameters?: Parameters, options?: QueryOptions): Promise<readonly Row[]>;
  /** JSON of the first column of each row. */
  lines(sql: string, parameters?: Parameters): Promise<readonly unknown[]>;
  /** Which of the writing routines are called, procedures or functions. */
  readonly routines: Routines;
  /** Calls a writing routine in a transaction of its own. */
  transact(routine: string, values: object): Promise<unknown>;
}

/** Keeps findings in the ledger; a later word takes the place of an earlier one. */
export const keepFindings = async (
  rows: LedgerCalls['rows'],
  quoted: string,
  findings: readonly Finding[],
): Promise<void> => {
  await rows(`SELECT ${quoted}.remember(CAST(:findings AS jsonb)) AS result`, { findings: JSON.stringify(findings) });
};

const first = (row: Row | undefined): Cell => Object.values(row ?? {})[0] ?? null;

/** Calls to the ledger in `schema`, refusals translated into what they mean there. */
export const ledgerCalls = (database: Database, schema: string): LedgerCalls => {
  const quoted = `"${schema}"`;
  const rows: LedgerCalls['rows'] = async (sql, parameters, options) => {
    try {
      return await database.query(sql, parameters, options);
    } catch (error) {
      throw (await unfitBySetting(database, sqlstateOf(error), error, options)) ?? ledgerError(error, schema);
    }
  };
  const routines = new Routines((findings) => keepFindings(rows, quoted, findings));
  return {
    schema,
    database,
    quoted,
    routines,
    leading: (comment) => `/* ${schema} ${comment.replaceAll(/[^\w .-]/g, '_')} */`,
    rows,
    async lines(sql, parameters) {
      return (await rows(sql, parameters)).map((row) => JSON.parse(String(first(row))) as unknown);
    },
    async transact(routine, values) {
      const parameters = { routine, values: JSON.stringify(values) };
      const call = async (sql: string): Promise<Cell> => first((await rows(sql, parameters))[0]);
      const answer = await routines.call(
        () => call(`CALL ${quoted}.transact(CAST(:routine AS text), CAST(:values AS jsonb), NULL)`),
        () => call(`SELECT ${quoted}.transact_once(CAST(:routine AS text), CAST(:values AS jsonb)) AS result`),
      );
      return JSON.parse(String(answer)) as unknown;
    },
  };
};
