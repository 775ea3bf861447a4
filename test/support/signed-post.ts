import { signatureOf } from '../../lib/local/authentication/signature.ts';
import { testAws } from './data-api.ts';

/** A reply of the Data API as it came over the wire. */
export interface WireReply {
  readonly status: number;
  readonly errorType: string | null;
  readonly body: string;
  readonly hasRequestId: boolean;
}

/** Posts a body of whatever kind, signed as the SDK would. */
export const signedPost = async (url: string, path: string, body: string): Promise<WireReply> => {
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const [day, service, signedHeaders] = [amzDate.slice(0, 8), 'rds-data', ['host', 'x-amz-date']];
  const scope = `${day}/${testAws.region}/${service}/aws4_request`;
  const signature = signatureOf(
    {
      method: 'POST',
      target: path,
      headers: { host: new URL(url).host, 'x-amz-date': amzDate },
      body: Buffer.from(body),
    },
    { scope, day, region: testAws.region, service, signedHeaders },
    amzDate,
    testAws.credentials.secretAccessKey,
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=${testAws.credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  const reply = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization, 'x-amz-date': amzDate },
    body,
  });
  return {
    status: reply.status,
    errorType: reply.headers.get('x-amzn-errortype'),
    body: await reply.text(),
    hasRequestId: /^[0-9a-f-]{36}$/.test(reply.headers.get('x-amzn-requestid') ?? ''),
  };
};
