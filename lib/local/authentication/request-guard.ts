import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Credentials } from './credentials.ts';
import { readAuthorization, signatureOf, type SignedRequest } from './signature.ts';

/** Why a request is not let in; each protocol has names of its own for them. */
export type RefusalReason = 'foreign' | 'unsigned' | 'incomplete' | 'unknown-key' | 'wrong-signature';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
}

export interface GuardOptions {
  readonly credentials: Credentials;
  /** The service as a signature's scope names it: `rds-data`, `rds`, `states`. */
  readonly service: string;
  /** Milliseconds since 1970, against which a request's date is held. SDKs sign with the machine's clock, so that is the default. */
  readonly now?: (() => number) | undefined;
}

/** Null lets a request in. */
export type RequestGuard = (request: IncomingMessage, body: Buffer) => Refusal | null;

/** How old, or how far ahead, a request may be: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
const toleranceMs = 5 * 60_000;
const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Lets in what was signed with our credentials (Signature Version 4, header form) and sent to this very address by something that is no
 * web page: a page sends `Origin`, and one whose name was pointed at the loopback address sends that name as `Host`.
 */
export const createRequestGuard = ({ credentials, service, now = Date.now }: GuardOptions): RequestGuard => {
  return (request, body) => {
    const { headers } = request;
    const foreign = foreignness(request);
    if (foreign !== null) return { reason: 'foreign', message: foreign };
    if (headers.authorization === undefined) return { reason: 'unsigned', message: 'Missing Authentication Token' };
    const claimed = readAuthorization(headers.authorization);
    const date = String(headers['x-amz-date'] ?? '');
    const at = epochMsOf(date);
    if (claimed === null || at === null)
      return incomplete(`'Authorization' of the form of Signature Version 4 and 'x-amz-date' are required`);
    const unsigned = requiredHeaders(headers).filter((name) => !claimed.signedHeaders.includes(name));
    if (unsigned.length > 0) return incomplete(`${unsigned.join(', ')} must be a signed header`);
    if (claimed.accessKeyId !== credentials.accessKeyId)
      return { reason: 'unknown-key', message: 'The security token included in the request is invalid.' };
    if (claimed.service !== service) return wrong(`Credential should be scoped to correct service: '${service}'.`);
    if (Math.abs(now() - at) > toleranceMs) return wrong(at < now() ? expired(date, now()) : early(date, now()));
    const signed: SignedRequest = { method: request.method ?? '', target: request.url ?? '/', headers, body };
    const expected = signatureOf(signed, claimed, date, credentials.secretAccessKey);
    const matches = timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(claimed.signature, 'hex'));
    return matches ? null : wrong(mismatch);
  };
};

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const wrong = (message: string): Refusal => ({ reason: 'wrong-signature', message });
const incomplete = (message: string): Refusal => ({ reason: 'incomplete', message });

const foreignness = (request: IncomingMessage): string | null => {
  if (request.headers.origin !== undefined) return 'a web page may not call the local stand-in';
  const port = request.socket.localPort;
  const [, name = '', asked = '80'] = /^(.*?)(?::(\d+))?$/.exec(request.headers.host ?? '') ?? [];
  return loopbackNames.has(name) && Number(asked) === port
    ? null
    : 'the request was sent to another host than this one';
};

/** Those that AWS wants signed as well: the host, and all of its own. */
const requiredHeaders = (headers: IncomingMessage['headers']): readonly string[] => [
  'host',
  ...Object.keys(headers).filter((name) => name.startsWith('x-amz-')),
];

const epochMsOf = (date: string): number | null => {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  if (parts.length === 0) return null;
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const amzDate = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '');
const expired = (date: string, now: number): string =>
  `Signature expired: ${date} is now earlier than ${amzDate(now - toleranceMs)} (${amzDate(now)} - 5 min.)`;
const early = (date: string, now: number): string =>
  `Signature not yet current: ${date} is still later than ${amzDate(now + toleranceMs)} (${amzDate(now)} + 5 min.)`;
