import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type RDSDataClient,
} from '@aws-sdk/client-rds-data';
import { type ErrorCode, LockkeeperError } from '../errors/index.ts';
import type { Database } from '../ledger/database.ts';
import { checkRequestSize, sqlParameters } from './request.ts';
import { rowsOf } from './rows.ts';
import { translateDataApiError } from './translate-error.ts';

/** One call as its observer sees it: no SQL, no parameter, no row. */
export interface DataApiCall {
  readonly durationMs: number;
  /** Null when it went well. */
  readonly code: ErrorCode | null;
}

export interface DataApiDatabaseOptions {
  readonly client: RDSDataClient;
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database: string;
  /** Told of each request that was sent. What it throws is not caught. */
  readonly onCall?: (call: DataApiCall) => void;
}

/** The `Database` port over the RDS Data API: each query is one `ExecuteStatement`, sent once. */
export const dataApiDatabase = ({
  client,
  resourceArn,
  secretArn,
  database,
  onCall,
}: DataApiDatabaseOptions): Database => ({
  query: async (sql, parameters = {}, { continueAfterTimeout = false } = {}) => {
    const input: ExecuteStatementCommandInput = {
      resourceArn,
      secretArn,
      database,
      sql,
      parameters: sqlParameters(parameters),
      includeResultMetadata: true,
      ...(continueAfterTimeout ? { continueAfterTimeout } : {}),
    };
    checkRequestSize(input);
    const beganAtMs = performance.now();
    const tell = (code: ErrorCode | null): void => onCall?.({ durationMs: performance.now() - beganAtMs, code });
    const outcome = await client
      .send(new ExecuteStatementCommand(input))
      .then(rowsOf)
      .catch((error: unknown) =>
        error instanceof LockkeeperError
          ? error
          : translateDataApiError(error, { continueAfterTimeout, resourceArn, secretArn }),
      );
    if (outcome instanceof LockkeeperError) {
      tell(outcome.code);
      throw outcome;
    }
    tell(null);
    return outcome;
  },
});
