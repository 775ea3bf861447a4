import type { RefusalReason } from './request-guard.ts';

interface NamedRefusal {
  readonly name: string;
  readonly status: number;
}

/** Of the JSON protocols: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html. Step Functions answers all of them with 400. */
export const jsonRefusals = {
  foreign: { name: 'AccessDeniedException', status: 403 },
  unsigned: { name: 'MissingAuthenticationTokenException', status: 403 },
  incomplete: { name: 'IncompleteSignatureException', status: 403 },
  'unknown-key': { name: 'UnrecognizedClientException', status: 403 },
  'wrong-signature': { name: 'InvalidSignatureException', status: 403 },
} as const satisfies Readonly<Record<RefusalReason, NamedRefusal>>;

/** Of the query protocol: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html */
export const queryRefusals = {
  foreign: { name: 'AccessDenied', status: 403 },
  unsigned: { name: 'MissingAuthenticationToken', status: 403 },
  incomplete: { name: 'IncompleteSignature', status: 400 },
  'unknown-key': { name: 'InvalidClientTokenId', status: 403 },
  'wrong-signature': { name: 'SignatureDoesNotMatch', status: 403 },
} as const satisfies Readonly<Record<RefusalReason, NamedRefusal>>;
