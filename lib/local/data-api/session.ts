import pg from 'pg';
import { type BoundValue, ConnectionLost, Statement, type StatementResult } from './statement.ts';

/** PostgreSQL's word for where a session stands: idle, in a transaction, in a failed one. */
type TransactionStatus = 'I' | 'T' | 'E';

/** The service's sessions run with TimeZone UTC (https://github.com/tmokmss/aurora-data-api-proxy/blob/main/src/types.rs); the rest fixes the text that values are read from. */
const sessionSettings =
  '-c timezone=UTC -c datestyle=ISO,MDY -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1';

/** Statements that leave nothing behind in a session, by their first word … */
const leavesNothing =
  /^(select|insert|update|delete|merge|with|values|table|show|explain|create|alter|drop|truncate|comment|grant|revoke|vacuum|analyze|reindex|refresh)\b/i;
/** … unless they hold one of these. */
const leavesSomething = /set_config|advisory|\btemp\b|\btemporary\b|nextval|setval|explain\s+analyze/i;
const leadingComments = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;

/** One PostgreSQL session behind the Data API. */
export class Session {
  readonly #client: pg.Client;
  readonly #onEnd: (session: Session) => void;
  #ended = false;
  #used = false;
  private constructor(client: pg.Client, onEnd: (session: Session) => void) {
    this.#client = client;
    this.#onEnd = onEnd;
  }

  /** @throws pg's error when the connection cannot be had */
  static async open(config: pg.ClientConfig, onEnd: (session: Session) => void): Promise<Session> {
    const options = [config.options, sessionSettings].filter(Boolean).join(' ');
    const client = new pg.Client({ ...config, options });
    const session = new Session(client, onEnd);
    client.on('error', () => session.#gone());
    client.once('end', () => session.#gone());
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return session;
  }

  #gone(): void {
    this.#ended = true;
    this.#onEnd(this);
  }

  get ended(): boolean {
    return this.#ended;
  }
  get pid(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }
  get transactionStatus(): TransactionStatus {
    return (this.#client as unknown as { _txStatus: TransactionStatus | null })._txStatus ?? 'I';
  }

  /** @throws DatabaseError as PostgreSQL gave it, or `ConnectionLost` */
  run(sql: string, values: readonly BoundValue[] = []): Promise<StatementResult> {
    const bare = sql.replace(leadingComments, '');
    if (!leavesNothing.test(bare) || leavesSomething.test(bare)) this.#used = true;
    const statement = new Statement(sql, values);
    this.#client.query(statement);
    // PostgreSQL ends the session with its answer; the connection's own end comes a moment later, when another call may have it.
    statement.result.catch((error: unknown) => {
      if (error instanceof ConnectionLost) this.#gone();
    });
    return statement.result;
  }

  /** Takes back what a statement left in the session unless it `keeps` that; without a round trip when it can have left nothing. */
  async reset(keeps: () => boolean): Promise<void> {
    if (this.transactionStatus !== 'I') {
      this.#used = true;
      await this.#client.query('ROLLBACK');
    }
    if (!this.#used || keeps()) return;
    await this.#client.query('DISCARD ALL');
    this.#used = false;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#client.end().catch(() => {});
  }
}
