import { type ErrorCode, type ErrorFacts, errorTable } from './error-table.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Where in a file an error stands: `line` and `column` begin at 1, columns count characters. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The one error class. Its `name` is its code; `details` never hold a parameter, a secret or a row value. */
export class LockkeeperError extends Error {
  readonly code: ErrorCode;
  readonly details: { readonly [key: string]: Json | undefined };
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: LockkeeperError['details']; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.details = options.details ?? {};
  }
  get facts(): ErrorFacts {
    return errorTable[this.code];
  }
}

/** Several findings of one check, thrown together: the first gives code and message, all are in `findings`. */
export class LockkeeperErrors extends LockkeeperError {
  readonly findings: readonly LockkeeperError[];
  constructor(findings: readonly [LockkeeperError, ...LockkeeperError[]]) {
    super(findings[0].code, findings.map((each) => each.message).join('\n'), { details: findings[0].details });
    this.findings = findings;
  }
}
