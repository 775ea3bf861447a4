import { createHash, createHmac } from 'node:crypto';

/** The parts of an `Authorization` header of Signature Version 4. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `20261123/eu-west-1/rds-data/aws4_request` */
  readonly scope: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** What is signed of a request. Header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const algorithm = 'AWS4-HMAC-SHA256';
const form =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/((\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request) *, *SignedHeaders=([^,\s]+) *, *Signature=([0-9a-f]{64})$/;

/** Null for a header of another form. */
export const readAuthorization = (header: string): Authorization | null => {
  const [, accessKeyId, scope, day, region, service, signedHeaders, signature] = form.exec(header) ?? [];
  if (signature === undefined) return null;
  const parts = { accessKeyId, scope, day, region, service } as Record<string, string>;
  return { ...parts, signedHeaders: signedHeaders!.split(';'), signature } as unknown as Authorization;
};

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const headerText = (value: string | readonly string[] | undefined): string =>
  (typeof value === 'string' ? [value] : (value ?? [])).map((each) => each.trim().replace(/ +/g, ' ')).join(',');

const canonicalRequest = ({ method, target, headers, body }: SignedRequest, signed: readonly string[]): string => {
  const [path = '/', query = ''] = target.split('?', 2);
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  return [
    method,
    path,
    pairs.toSorted().join('&'),
    ...signed.map((name) => `${name}:${headerText(headers[name])}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n');
};

/**
 * The signature that a request should carry, in hex. `amzDate` is its `x-amz-date`, e.g. `20261123T025816Z`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const signatureOf = (
  request: SignedRequest,
  { scope, day, region, service, signedHeaders }: Omit<Authorization, 'accessKeyId' | 'signature'>,
  amzDate: string,
  secretAccessKey: string,
): string => {
  const toSign = [algorithm, amzDate, scope, sha256(canonicalRequest(request, signedHeaders))].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request');
  return createHmac('sha256', key).update(toSign).digest('hex');
};
