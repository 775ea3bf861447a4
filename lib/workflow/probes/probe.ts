import { LockkeeperError } from '../../errors/index.ts';
import type { Database, Parameters } from '../../ledger/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** Where a probe works: the database through the Data API, and a schema that is removed afterwards. */
export interface ProbeGround {
  readonly database: Database;
  readonly ledger: Ledger;
  /** As SQL names it. */
  readonly schema: string;
}

/** `holds` null: it could not be told. */
export interface Answer {
  readonly holds: boolean | null;
  readonly found: string;
}

/** One belief about the service and its database, and how it is looked at. */
export interface Probe {
  readonly name: string;
  /** What it does, in the third person. */
  readonly tries: string;
  readonly expected: string;
  /** When it is otherwise: who has to act (`lockkeeper`: nobody, runs go round it), and what it means. */
  readonly otherwise: { readonly by: 'lockkeeper' | 'operator'; readonly means: string };
  /** Needs no schema of its own. */
  readonly anywhere?: true;
  /** @throws LockkeeperError what it did not foresee; that, too, is something found */
  readonly look: (ground: ProbeGround) => Promise<Answer>;
}

/** An answer that holds when exactly that was found. */
export const exactly =
  (expected: string) =>
  (found: string): Answer => ({ holds: found === expected, found });

/** The first column of the first row as text; `no row` when there is none. */
export const value = async ({ database }: ProbeGround, sql: string, parameters?: Parameters): Promise<string> => {
  const [row] = await database.query(sql, parameters);
  return row === undefined ? 'no row' : String(Object.values(row)[0]);
};

/** An error in a word or two: `SQLSTATE 2D000`, or its code. @throws the error itself when it is one that passes */
export const refusal = (error: unknown): string => {
  if (!(error instanceof LockkeeperError) || error.facts.retry) throw error;
  return error.code === 'StatementFailed' ? `SQLSTATE ${String(error.details['sqlstate'])}` : error.code;
};

/** What came of a statement: `done`, or its refusal. */
export const outcome = async (statement: Promise<unknown>): Promise<string> => statement.then(() => 'done', refusal);

/** The same of a statement that runs while others do: what it throws is for whoever awaits it, and for nobody else. */
export const outcomeMeanwhile = (statement: Promise<unknown>): Promise<string> => {
  const running = outcome(statement);
  running.catch(() => undefined);
  return running;
};

/** SQL for a plpgsql body in single quotes, which the Data API's search for parameters respects. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
