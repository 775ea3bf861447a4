import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RDSClient, DescribeDBClusterSnapshotsCommand } from '@aws-sdk/client-rds';
import { BeginTransactionCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../lib/local/authentication/index.ts';
import { readAuthorization, signatureOf } from '../../lib/local/authentication/signature.ts';
import { startDataApi } from '../../lib/local/data-api/index.ts';
import { openLocalDirectory } from '../../lib/local/local-directory.ts';
import { startRds } from '../../lib/local/rds/index.ts';
import { readDefinition } from '../../lib/local/states-language/index.ts';
import { startStepFunctions } from '../../lib/local/step-functions/index.ts';
import { machine } from '../support/states-language.ts';
import { clusterNames } from '../support/snapshot-cluster.ts';

const resourceArn = clusterNames.clusterArn;
const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test';
const directory = mkdtempSync(join(tmpdir(), 'local-authentication-'));
/** What is added to the servers' clock. */
let laterMs = 0;
const now = (): number => Date.now() + laterMs;

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
interface Service {
  readonly url: string;
  readonly credentials: Credentials;
  /** Sends one request with the real client; resolves with what it was, signature and all, and what came of it. */
  send(credentials: Credentials): Promise<{ sent: Sent; error: string | undefined }>;
  close(): Promise<void>;
}

type Client = RDSDataClient | RDSClient | SFNClient;
/** The part of the SDK's stack that is used here: its own types want one client. */
interface MiddlewareStack {
  addRelativeTo(middleware: (next: Handler) => Handler, where: { relation: 'after'; toMiddleware: string }): void;
}
type Handler = (given: { request: unknown }) => Promise<unknown>;

const sending = async (client: Client, send: (client: never) => Promise<unknown>): ReturnType<Service['send']> => {
  let sent: Sent | undefined;
  (client.middlewareStack as unknown as MiddlewareStack).addRelativeTo(
    (next) => (given) => {
      const { path, headers, body } = given.request as Sent;
      sent = { path, headers: { ...headers }, body };
      return next(given);
    },
    { relation: 'after', toMiddleware: 'httpSigningMiddleware' },
  );
  const error = await send(client as never).then(
    () => undefined,
    ({ name }: Error) => name,
  );
  client.destroy();
  return { sent: sent!, error };
};
const config = (url: string, credentials: Credentials) =>
  ({ region: 'eu-west-1', endpoint: url, credentials, maxAttempts: 1 }) as const;

const open = {
  'rds-data': async (): Promise<Service> => {
    const api = await startDataApi({
      now,
      clusters: [
        { resourceArn, secretArn: resourceArn, connect: () => ({ host: '127.0.0.1', port: 9, user: 'nobody' }) },
      ],
    });
    return {
      url: api.url,
      credentials: api.credentials,
      // no database behind it: who is let in finds that out
      send: (credentials) =>
        sending(new RDSDataClient(config(api.url, credentials)), (client: RDSDataClient) =>
          client.send(new BeginTransactionCommand({ resourceArn, secretArn: resourceArn })),
        ),
      close: () => api.close(),
    };
  },
  rds: async (): Promise<Service> => {
    const rds = await startRds({
      now,
      cluster: {
        ...clusterNames,
        kind: 'external',
        url: 'postgresql://127.0.0.1:9/app',
        withDrained: (work) => work(),
      },
      directory,
    });
    return {
      url: rds.url,
      credentials: rds.credentials,
      send: (credentials) =>
        sending(new RDSClient(config(rds.url, credentials)), (client: RDSClient) =>
          client.send(new DescribeDBClusterSnapshotsCommand({})),
        ),
      close: () => rds.close(),
    };
  },
  states: async (): Promise<Service> => {
    const definition = readDefinition(machine({ Rest: { Type: 'Pass', End: true } }));
    const states = await startStepFunctions({
      now,
      directory,
      machines: { [stateMachineArn]: { name: 'Test', definition } },
      tasks: { run: async () => null },
    });
    return {
      url: states.url,
      credentials: states.credentials,
      send: (credentials) =>
        sending(new SFNClient(config(states.url, credentials)), (client: SFNClient) =>
          client.send(new DescribeStateMachineCommand({ stateMachineArn })),
        ),
      close: () => states.close(),
    };
  },
} as const;

/** The request again, as another program would send it; answers with status and the error's name, wherever the protocol has it. */
const replay = (url: string, { path, headers, body }: Sent): Promise<{ status: number; name: string | undefined }> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    httpRequest(
      { host: '127.0.0.1', port, method: 'POST', path, headers: { ...headers, ...length } },
      async (reply) => {
        let text = '';
        for await (const chunk of reply) text += String(chunk);
        const name =
          reply.headers['x-amzn-errortype'] ?? /"__type":"(\w+)"|<Code>(\w+)/.exec(text)?.slice(1).find(Boolean);
        resolve({ status: reply.statusCode ?? 0, name: name as string | undefined });
      },
    )
      .on('error', reject)
      .end(body);
  });

const without = ({ headers, ...rest }: Sent, ...names: string[]): Sent => ({
  ...rest,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))),
});
const changed = ({ headers, ...rest }: Sent, more: Record<string, string>): Sent => ({
  ...rest,
  headers: { ...headers, ...more },
});

const expected = {
  'rds-data': {
    letIn: { status: 504, name: 'DatabaseUnavailableException' },
    unsigned: { status: 403, name: 'MissingAuthenticationTokenException' },
    incomplete: { status: 403, name: 'IncompleteSignatureException' },
    unknown: { status: 403, name: 'UnrecognizedClientException' },
    wrong: { status: 403, name: 'InvalidSignatureException' },
    foreign: { status: 403, name: 'AccessDeniedException' },
  },
  rds: {
    letIn: { status: 200, name: undefined },
    unsigned: { status: 403, name: 'MissingAuthenticationToken' },
    incomplete: { status: 400, name: 'IncompleteSignature' },
    unknown: { status: 403, name: 'InvalidClientTokenId' },
    wrong: { status: 403, name: 'SignatureDoesNotMatch' },
    foreign: { status: 403, name: 'AccessDenied' },
  },
  states: {
    letIn: { status: 200, name: undefined },
    unsigned: { status: 400, name: 'MissingAuthenticationTokenException' },
    incomplete: { status: 400, name: 'IncompleteSignatureException' },
    unknown: { status: 400, name: 'UnrecognizedClientException' },
    wrong: { status: 400, name: 'InvalidSignatureException' },
    foreign: { status: 400, name: 'AccessDeniedException' },
  },
} as const;

afterAll(() => rmSync(directory, { recursive: true }));

describe.each(['rds-data', 'rds', 'states'] as const)('the loopback %s', (name) => {
  const { letIn, unsigned, incomplete, unknown, wrong, foreign } = expected[name];
  let it_: Service;
  let sent: Sent;
  beforeAll(async () => {
    it_ = await open[name]();
    ({ sent } = await it_.send(it_.credentials));
  });
  afterAll(() => it_.close());
  const answer = (request: Sent): ReturnType<typeof replay> => replay(it_.url, request);

  it('lets in what the SDK signed with its credentials', async () => {
    expect(await it_.send(it_.credentials)).toMatchObject({ error: letIn.name });
    expect(await answer(sent)).toEqual(letIn);
  });
  it('refuses a request without a signature', async () => {
    expect(await answer(without(sent, 'authorization'))).toEqual(unsigned);
  });
  it('refuses an Authorization header of another kind, or without a date', async () => {
    expect(await answer(changed(sent, { authorization: 'Basic bG9jYWw6bG9jYWw=' }))).toEqual(incomplete);
    expect(await answer(without(sent, 'x-amz-date'))).toEqual(incomplete);
  });
  it('refuses an access key that is not this start’s', async () => {
    const { sent: other } = await it_.send({ ...it_.credentials, accessKeyId: 'local' });
    expect(await answer(other)).toEqual(unknown);
  });
  it('refuses what was signed with another secret', async () => {
    const { sent: other } = await it_.send({ ...it_.credentials, secretAccessKey: 'local' });
    expect(await answer(other)).toEqual(wrong);
  });
  it('refuses a body that was changed after signing', async () => {
    expect(await answer({ ...sent, body: `${sent.body} ` })).toEqual(wrong);
  });
  it('refuses a body whose stated hash is another’s', async () => {
    expect(await answer(changed(sent, { 'x-amz-content-sha256': '0'.repeat(64) }))).toEqual(wrong);
  });
  it('refuses headers of AWS’s that were not signed', async () => {
    expect(await answer(changed(sent, { 'x-amz-security-token': 'x' }))).toEqual(incomplete);
  });
  it('refuses a signature for another service', async () => {
    const claimed = readAuthorization(sent.headers['authorization']!)!;
    const other = { ...claimed, service: 's3', scope: claimed.scope.replace(`/${name}/`, '/s3/') };
    const request = { method: 'POST', target: sent.path, headers: sent.headers, body: Buffer.from(sent.body) };
    const signature = signatureOf(request, other, sent.headers['x-amz-date']!, it_.credentials.secretAccessKey);
    const authorization = sent.headers['authorization']!.replace(claimed.scope, other.scope).replace(
      claimed.signature,
      signature,
    );
    expect(await answer(changed(sent, { authorization }))).toEqual(wrong);
  });
  it('refuses a request again after five minutes, or one from the future', async () => {
    for (const [ms, then] of [
      [290_000, letIn],
      [310_000, wrong],
      [-310_000, wrong],
    ] as const) {
      laterMs = ms;
      expect([ms, await answer(sent)]).toEqual([ms, then]);
    }
    laterMs = 0;
  });
  it('refuses a name that was pointed at the loopback address, whoever signed, and another port', async () => {
    for (const host of ['evil.example', `evil.example:${new URL(it_.url).port}`, '127.0.0.1:1', '127.0.0.1'])
      expect([host, await answer(changed(sent, { host }))]).toEqual([host, foreign]);
  });
  it('refuses a web page, which sends Origin', async () => {
    expect(await answer(changed(sent, { origin: 'https://evil.example' }))).toEqual(foreign);
    expect(await answer(changed(sent, { origin: 'null' }))).toEqual(foreign);
  });
  it('has other credentials at each start', async () => {
    const another = await open[name]();
    expect(another.credentials.accessKeyId).not.toBe(it_.credentials.accessKeyId);
    expect(another.credentials.secretAccessKey).not.toBe(it_.credentials.secretAccessKey);
    await another.close();
  });
});

it('keeps the credentials of a run under way where only its user reads them, and drops them at its end', async () => {
  const definition = readDefinition(machine({ Rest: { Type: 'Wait', Seconds: 3600, End: true } }));
  const machines = { [stateMachineArn]: { name: 'Test', definition } };
  const states = await startStepFunctions({ directory, machines, tasks: { run: async () => null } });
  const { executionArn = '' } = await states.startExecution({ stateMachineArn, name: 'kept' });
  const file = join(directory, 'executions', 'Test', 'kept.json');
  const secret = states.credentials.secretAccessKey;
  expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8').includes(secret)]).toEqual([0o600, true]);
  await states.stopExecution({ executionArn });
  expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8').includes(secret)]).toEqual([0o600, false]);
  await states.close();
});

it('keeps git out of the directory, unless somebody has said otherwise there', () => {
  const made = join(directory, 'project', '.lockkeeper');
  openLocalDirectory(made);
  expect(readFileSync(join(made, '.gitignore'), 'utf8')).toBe('*\n');
  writeFileSync(join(made, '.gitignore'), '!snapshots\n');
  openLocalDirectory(made);
  expect(readFileSync(join(made, '.gitignore'), 'utf8')).toBe('!snapshots\n');
});
