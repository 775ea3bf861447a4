import { type ErrorCode, type Json, LockkeeperError } from '../errors/index.ts';
import { withoutValues } from '../ledger/without-values.ts';
import { parseDatabaseError } from './database-error.ts';

/** What the call was, as far as its failure's meaning depends on it. */
export interface FailedCall {
  readonly continueAfterTimeout: boolean;
  readonly resourceArn: string;
  readonly secretArn: string;
}

/** What is read of whatever the SDK threw. */
interface Foreign {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly fromService: boolean;
}

const foreign = (error: unknown): Foreign => {
  const it = error as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $fault?: unknown;
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  return {
    name: typeof it?.name === 'string' ? it.name : 'Error',
    message: typeof it?.message === 'string' ? it.message : '',
    code: typeof it?.code === 'string' ? it.code : undefined,
    status: it?.$metadata?.httpStatusCode,
    requestId: it?.$metadata?.requestId,
    fromService: it?.$fault !== undefined,
  };
};

/**
 * The cause as it may be logged. The SDK's own error holds PostgreSQL's DETAIL in its message and the whole exchange,
 * signature included, in `$response`; a logger that follows causes would print both.
 */
const loggable = ({ name, code, status, requestId }: Foreign): Error => {
  const told = [name, code, status && `HTTP ${status}`, requestId && `request ${requestId}`].filter(Boolean).join(', ');
  return Object.assign(new Error(told), { name });
};

/** Refused before it was sent, or sent to where nobody listens: nothing ran. */
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** SQLSTATEs after which the connection or the server is gone, so that the statement's end was not seen. */
const lost = /^(08|57P0[12]|40003)/;
const notThere = /^(57P03|53300)/;

/**
 * Our error for what the SDK threw, by https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html
 * and docs/data-api.md. What is not known to have been refused is `OutcomeUnknown`.
 */
export const translateDataApiError = (error: unknown, call: FailedCall): LockkeeperError => {
  const thrown = foreign(error);
  const { name, message, code, status, fromService } = thrown;
  const as = (ours: ErrorCode, text: string, details: Readonly<Record<string, Json>> = {}): LockkeeperError =>
    new LockkeeperError(ours, text, { details, cause: loggable(thrown) });
  const said = message === '' || message === 'UnknownError' ? '' : `: ${message}`;

  if (!fromService) return withoutReply(name, message, code, as);
  switch (name) {
    case 'DatabaseErrorException':
      return databaseError(message, call, as);
    case 'StatementTimeoutException':
      return as(
        'StatementTimedOut',
        call.continueAfterTimeout
          ? 'the statement passed 45 s and runs on in the database'
          : 'the statement passed 45 s and was cancelled by the Data API',
        { running: call.continueAfterTimeout },
      );
    case 'DatabaseResumingException':
      return as('DatabaseResuming', 'the cluster is waking from its pause');
    case 'DatabaseUnavailableException':
      return as('DatabaseUnavailable', `the database of ${call.resourceArn} cannot be reached`);
    case 'InvalidResourceStateException':
      return as('DatabaseUnavailable', `${call.resourceArn} is in a state that takes no statements${said}`);
    case 'DatabaseNotFoundException':
    case 'NotFoundException':
      return as('ClusterNotFound', `${call.resourceArn} was not found, or has no instance${said}`);
    case 'SecretsErrorException':
    case 'InvalidSecretException':
      return as('SecretInvalid', `${call.secretArn} cannot be used${said}`);
    case 'HttpEndpointNotEnabledException':
      return as(
        'DataApiDisabled',
        `the Data API of ${call.resourceArn} is not enabled, or no cluster has exactly this ARN`,
      );
    case 'UnsupportedResultException':
      return as('ResultUnsupported', `the statement ran, its result cannot be returned${said}`);
    case 'TransactionNotFoundException':
      return as('OutcomeUnknown', 'the transaction expired or was ended by an earlier call');
    case 'AccessDeniedException':
    case 'ForbiddenException':
      return as('AccessDenied', `the Data API refused the call${said}`);
    default:
  }
  if (status === 429 || /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/.test(name))
    return as('Throttled', 'the Data API refused the call for its rate');
  if (status === 401 || status === 403) return as('AccessDenied', `the Data API refused the call (${name})${said}`);
  if (status !== undefined && status >= 400 && status < 500)
    return as('RequestRefused', `the Data API refused the request (${name})${withoutQuoted(said)}`);
  return as(
    'OutcomeUnknown',
    `the Data API answered ${name} (HTTP ${status ?? 'unknown'}); the statement may have run`,
  );
};

type As = (ours: ErrorCode, text: string, details?: Readonly<Record<string, Json>>) => LockkeeperError;

const databaseError = (text: string, call: FailedCall, as: As): LockkeeperError => {
  const said = parseDatabaseError(text);
  if (said === null) return as('OutcomeUnknown', 'the database failed without an SQLSTATE; the statement may have run');
  const { sqlstate, hint, position } = said;
  const message = withoutValues(sqlstate, said.message);
  if (lost.test(sqlstate))
    return as('OutcomeUnknown', `the connection was lost in mid-statement: ${message}`, { sqlstate });
  if (notThere.test(sqlstate)) return as('DatabaseUnavailable', message, { sqlstate });
  if (sqlstate.startsWith('28')) return as('SecretInvalid', `${call.secretArn} is refused: ${message}`, { sqlstate });
  return as('StatementFailed', message, { sqlstate, hint, position });
};

const withoutReply = (name: string, message: string, code: string | undefined, as: As): LockkeeperError => {
  if (code !== undefined && unreachable.has(code))
    return as('DatabaseUnavailable', `the Data API cannot be reached (${code})`);
  if (name === 'CredentialsProviderError' || /credential|token (is|has) expired/i.test(message))
    return as('AccessDenied', `no usable AWS credentials: ${message}`);
  if (/region is missing/i.test(message)) return as('RequestRefused', 'no AWS region is configured');
  return as('OutcomeUnknown', `no reply from the Data API (${code ?? name}); the statement may have run`);
};

/** A refusal's text without the value that AWS quotes in front of the member's name, and up to where a DETAIL could begin. */
const withoutQuoted = (text: string): string =>
  text
    .replace(/Value '[\s\S]*' at '/, "Value at '")
    .split(/\n|;? Detail: /)[0]!
    .slice(0, 500);
