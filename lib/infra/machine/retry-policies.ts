import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { type ErrorCode, errorTable } from '../../errors/index.ts';

const seconds = (count: number): Duration => Duration.seconds(count);

/** Every code after which the same step can succeed unchanged. */
export const retriedCodes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => errorTable[code].retry);

/** Codes with a policy of their own; the rest of `retriedCodes` is `passing`. */
const waking: readonly ErrorCode[] = ['DatabaseResuming'];
const locks: readonly ErrorCode[] = ['LockTimeout'];
const unclear: readonly ErrorCode[] = ['OutcomeUnknown', 'StatementTimedOut'];
const named = new Set<ErrorCode>([...waking, ...locks, ...unclear]);

/**
 * What Lambda reports when the function did not run or could not answer; the last two when its work may go on
 * (https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception).
 */
const lambdaRefused = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.ClientExecutionTimeoutException',
];
const lambdaUnclear = ['Lambda.Unknown', 'Sandbox.Timedout', 'States.Timeout'];

/** How a state tries again, by what went wrong. A retrier keeps its own count, anew each time the state is entered. */
export const retryPolicies = {
  /** A paused cluster wakes in 15 s to over 30 s; three minutes are waited. */
  waking: { errors: [...waking], interval: seconds(5), backoffRate: 1.5, maxDelay: seconds(30), maxAttempts: 9 },
  /** Nothing ran, or it is certain that a repeat does no harm: throttling, a failover, a Lambda that could not start. */
  passing: {
    errors: [...retriedCodes.filter((code) => !named.has(code)), ...lambdaRefused],
    interval: seconds(2),
    backoffRate: 2,
    maxDelay: seconds(30),
    maxAttempts: 12,
    jitterStrategy: JitterType.FULL,
  },
  /** It may have run or may still run. Every action looks before it acts, so each may be called again. */
  unclear: {
    errors: [...unclear, ...lambdaUnclear],
    interval: seconds(5),
    backoffRate: 2,
    maxDelay: seconds(60),
    maxAttempts: 8,
    jitterStrategy: JitterType.FULL,
  },
  /** A migration that met a lock was taken back whole; it is tried again when traffic has moved on. */
  metLock: {
    errors: [...locks],
    interval: seconds(1),
    backoffRate: 2,
    maxDelay: seconds(30),
    maxAttempts: 20,
    jitterStrategy: JitterType.FULL,
  },
  /** RDS's control plane: `RdsException` is what it throws for all that its model does not name, throttling among it. */
  controlPlane: {
    errors: ['Rds.RdsException', 'Rds.SdkClientException', 'States.Timeout'],
    interval: seconds(3),
    backoffRate: 2,
    maxDelay: seconds(30),
    maxAttempts: 5,
    jitterStrategy: JitterType.FULL,
  },
  /** Another snapshot, a backup or a change is under way: some 30 minutes are waited. */
  clusterBusy: {
    errors: ['Rds.InvalidDbClusterStateException'],
    interval: seconds(15),
    backoffRate: 1.5,
    maxDelay: seconds(120),
    maxAttempts: 19,
  },
  /** A snapshot that was just created may not be listed yet. */
  notListedYet: {
    errors: ['Rds.DbClusterSnapshotNotFoundException'],
    interval: seconds(3),
    backoffRate: 1.5,
    maxAttempts: 5,
  },
  /** The way out of a failure is worth a few tries whatever happens to it. */
  anything: { errors: ['States.ALL'], interval: seconds(5), backoffRate: 2, maxAttempts: 4 },
} as const satisfies Record<string, RetryProps & { readonly errors: readonly string[] }>;
