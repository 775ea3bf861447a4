import type { Json } from '../errors/index.ts';

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** Named parameters; `undefined` is not allowed. A number travels as bigint, so it must be a safe integer. */
export type Parameters = Readonly<Record<string, string | number | boolean | null>>;

export interface QueryOptions {
  /** Let the statement run on in the database after 45 s; the call still throws `StatementTimedOut`. */
  readonly continueAfterTimeout?: boolean;
}

/**
 * One PostgreSQL database, one autocommitted statement a call; nothing of the session survives a call.
 * SQL uses `:name` for parameters, which arrive as text (numbers as bigint): cast them. Cast results to text, int8, float8 or bool.
 */
export interface Database {
  /**
   * The rows, by column name; empty when the statement returns none.
   * @throws LockkeeperError `StatementFailed` (details `sqlstate`, message PostgreSQL's own) when the database refused it: it had no effect, but a CALL may have committed before;
   * `DatabaseResuming`, `Throttled`, `SecretInvalid`, `AccessDenied`, `ClusterNotFound`, `DataApiDisabled`, `RequestRefused`, `StatementTooLarge`: nothing ran;
   * `ResultUnsupported`: it ran, its result cannot be shown;
   * `StatementTimedOut` (details `running`: whether it runs on); `DatabaseUnavailable`, `OutcomeUnknown`: it may or may not have run.
   */
  query(sql: string, parameters?: Parameters, options?: QueryOptions): Promise<readonly Row[]>;
}

/** A value to send as a parameter that SQL casts: `CAST(:name AS jsonb)`. */
export const asJson = (value: Json): string => JSON.stringify(value);
