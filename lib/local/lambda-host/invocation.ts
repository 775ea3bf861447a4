import type { Json } from '../../errors/index.ts';

/** What a function's failure says: in Step Functions the `errorType` is the Error, and all of it as JSON the Cause. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A function that threw, ran out of time, or whose process ended. */
export class FunctionError extends Error {
  readonly failure: FunctionFailure;
  constructor(failure: FunctionFailure) {
    super(`${failure.errorType}: ${failure.errorMessage}`);
    this.name = 'FunctionError';
    this.failure = failure;
  }
}

export interface InvocationResult {
  readonly payload: Json;
  readonly requestId: string;
  readonly executedVersion: string;
}

/** Bytes of a request or a response (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
export const payloadLimitBytes = 6 * 1024 * 1024;
