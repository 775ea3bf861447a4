import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockkeeperError } from '../../errors/index.ts';
import type { Credentials } from '../authentication/credentials.ts';
import { createRequestGuard, jsonRefusals, randomCredentials } from '../authentication/index.ts';
import { type FaultAt, readFaults } from '../fault-list.ts';
import { checkCluster, checkCondition, checkOptions } from './check-options.ts';
import { type Clock, wallClock } from './clock.ts';
import { Cluster, endpointNotEnabled, resumingError } from './cluster.ts';
import type { ClusterCondition, DataApiCluster, ProcedureSupport, SessionState } from './cluster-facts.ts';
import { type DataApiRequest, type Disturbance, type Fault, faults, type OnRequest, type Operation } from './fault.ts';
import { perform } from './operations.ts';
import type { Chances } from './pool.ts';
import { seededRandom } from './random.ts';
import { readBody, type RequestBody } from './request.ts';
import { internalFailure, internalServerError, notImitated, ServiceError, writerMissing } from './service-error.ts';
import { Transactions } from './transactions.ts';

export interface DataApiOptions {
  readonly clusters: readonly DataApiCluster[];
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  /** What requests must be signed with; random ones when left out. */
  readonly credentials?: Credentials;
  /** Milliseconds since 1970, against which the date of a signature is held; the machine's, by which SDKs sign, when left out. */
  readonly now?: () => number;
  /** Decides which pooled session a call meets, and by `chance` what it finds there. */
  readonly seed?: number;
  /** `chance` when left out. */
  readonly sessionState?: SessionState;
  /** Added to each call before it is looked at. */
  readonly latencyMs?: number;
  /** What goes wrong at which call; `onRequest` decides about the calls that it does not name. */
  readonly faults?: readonly FaultAt<Operation, Fault>[];
  readonly onRequest?: OnRequest;
  /** `commit`, the default, as we believe of the service; the others try what Lockkeeper does where it is otherwise. */
  readonly procedures?: ProcedureSupport;
}

export interface DataApiServer {
  readonly url: string;
  readonly port: number;
  /** What requests must be signed with. */
  readonly credentials: Credentials;
  /** Requests so far, refused ones too, but for those that were not signed for us. */
  readonly calls: Readonly<Record<Operation, number>>;
  setLatency(latencyMs: number): void;
  /** @throws Error when the cluster is not one of the server's, LockkeeperError `UsageInvalid` for a condition that is not known */
  setCondition(resourceArn: string, condition: ClusterCondition): void;
  /** @throws LockkeeperError `UsageInvalid` */
  addCluster(cluster: DataApiCluster): void;
  removeCluster(resourceArn: string): Promise<void>;
  /** Closes the database's sessions: idle transactions are rolled back, running statements waited for. */
  drain(resourceArn: string, database: string): Promise<void>;
  /** Runs `work` while the database has no session of ours; calls wait meanwhile. */
  withDrained<T>(resourceArn: string, database: string, work: () => Promise<T>): Promise<T>;
  /** Drops the connections, also those on which a statement runs: PostgreSQL may finish it, as with a lost client. */
  close(): Promise<void>;
}

const paths: Readonly<Record<string, Operation>> = {
  '/Execute': 'ExecuteStatement',
  '/BatchExecute': 'BatchExecuteStatement',
  '/BeginTransaction': 'BeginTransaction',
  '/CommitTransaction': 'CommitTransaction',
  '/RollbackTransaction': 'RollbackTransaction',
};
/** Headers and JSON notation included: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_BatchExecuteStatement.html */
const requestLimitBytes = 4 * 1024 * 1024;

/**
 * A server on the loopback address that behaves like the RDS Data API in front of the clusters' PostgreSQL.
 * What it imitates, and on whose word, stands in docs/data-api.md.
 * @throws LockkeeperError `PortTaken`, `UsageInvalid` for an option, or a fault of a kind or an operation, that is not known
 */
export const startDataApi = async (options: DataApiOptions): Promise<DataApiServer> => {
  checkOptions(options);
  const chances = chancesOf(options.seed ?? 1, options.sessionState ?? 'chance');
  const clock = options.clock ?? wallClock;
  const procedures = options.procedures ?? 'commit';
  const transactions = new Transactions(clock);
  const credentials = options.credentials ?? randomCredentials();
  const guard = createRequestGuard({ credentials, service: 'rds-data', now: options.now });
  const clusters = new Map(options.clusters.map((each) => [each.resourceArn, new Cluster(each, chances, clock)]));
  const calls: Record<Operation, number> = {
    ExecuteStatement: 0,
    BatchExecuteStatement: 0,
    BeginTransaction: 0,
    CommitTransaction: 0,
    RollbackTransaction: 0,
  };
  const scheduled = readFaults(options.faults ?? [], {
    operations: Object.values(paths),
    // that one needs to be told until when
    kinds: faults.filter((kind) => kind !== 'request-late'),
  });
  let latencyMs = options.latencyMs ?? 0;
  let count = 0;
  const cluster = (resourceArn: string): Cluster => {
    const found = clusters.get(resourceArn);
    if (found === undefined) throw new Error(`no such cluster here: ${resourceArn}`);
    return found;
  };

  const disturbance = async (request: DataApiRequest): Promise<Disturbance> => {
    const named = scheduled(request.operation);
    const asked = named ? { fault: named } : ((await options.onRequest?.(request)) ?? 'pass');
    const { fault, latencyMs: more = 0, late } = asked === 'pass' ? {} : asked;
    if (fault !== undefined && !faults.includes(fault)) throw notImitated(`the fault ${String(fault)}`);
    if (latencyMs + more > 0) await new Promise<void>((resolve) => clock.after(latencyMs + more, resolve));
    return { ...(fault !== undefined && { fault }), ...(late && { late }) };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = request.method === 'POST' ? paths[request.url ?? ''] : undefined;
    const sent = await bodyOf(request);
    const refusal = guard(request, sent);
    if (refusal !== null) {
      const { name, status } = jsonRefusals[refusal.reason];
      throw new ServiceError(name, status, refusal.message);
    }
    if (operation === undefined) throw notImitated(`${request.method} ${request.url}`);
    calls[operation] += 1;
    count += 1;
    const index = count;
    const body = readBody(operation, sent.toString('utf8'));
    const { fault, late } = await disturbance({ index, operation, resourceArn: body.resourceArn, sql: body.sql ?? '' });
    if (fault === 'request-lost') return void request.socket.destroy();
    if (fault === 'request-late') {
      request.socket.destroy();
      await late;
    }
    const early = fault === undefined ? undefined : before(fault);
    if (early !== undefined) throw early;
    const lost = (): boolean => lostAfter(fault, request, response);
    try {
      const json = await perform(operation, { body, cluster: admitted(body), clock, transactions, procedures, fault });
      if (lost()) return;
      if (fault === 'failed-after') throw internalServerError();
      send(response, 200, json);
    } catch (error) {
      if (!lost()) throw fault === 'failed-after' ? internalServerError() : error;
    }
  };

  const admitted = (body: RequestBody): Cluster => {
    const found = clusters.get(body.resourceArn);
    if (found === undefined) throw endpointNotEnabled(body.resourceArn);
    found.admit(body.secretArn);
    return found;
  };

  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      if (!(error instanceof ServiceError)) process.emitWarning(error as Error);
      const known = error instanceof ServiceError ? error : internalFailure();
      const said =
        known.text === null
          ? null
          : {
              message: known.text,
              ...(known.dbConnectionId === undefined ? {} : { dbConnectionId: known.dbConnectionId }),
            };
      send(response, known.status, said === null ? '' : JSON.stringify(said), known.name);
    });
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const withDrained: DataApiServer['withDrained'] = async (resourceArn, database, work) => {
    const pool = cluster(resourceArn).pool(database);
    await transactions.rollbackIdle(pool);
    return pool.drained(work);
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    credentials,
    calls,
    setLatency: (ms) => void (latencyMs = ms),
    setCondition: (resourceArn, condition) => {
      checkCondition(condition);
      cluster(resourceArn).set(condition);
    },
    addCluster: (added) => {
      checkCluster(added);
      clusters.set(added.resourceArn, new Cluster(added, chances, clock));
    },
    removeCluster: async (resourceArn) => {
      const removed = cluster(resourceArn);
      clusters.delete(resourceArn);
      await removed.close();
    },
    drain: (resourceArn, database) => withDrained(resourceArn, database, async () => {}),
    withDrained,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([...clusters.values()].map((each) => each.close()));
      await closed;
    },
  };
};

const chancesOf = (seed: number, state: SessionState): Chances => {
  const kept = seededRandom(~seed);
  return { session: seededRandom(seed), keeps: () => (state === 'chance' ? kept() < 0.5 : state === 'kept') };
};

/** Whether what was done is not answered; closes the connection then. */
const lostAfter = (fault: Fault | undefined, request: IncomingMessage, response: ServerResponse): boolean => {
  if (fault === 'reply-cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"records":', () => request.socket.destroy());
    return true;
  }
  if (fault !== 'reply-lost' && fault !== 'request-late') return false;
  request.socket.destroy();
  return true;
};

/** The answer of a fault that keeps the statement from running. */
const before = (fault: Fault): ServiceError | undefined => {
  switch (fault) {
    case 'failed-before':
      return internalFailure();
    case 'unavailable':
      return new ServiceError('ServiceUnavailableError', 503, null);
    case 'writer-missing':
      return writerMissing();
    case 'throttled':
      return new ServiceError('ThrottlingException', 400, 'Rate exceeded');
    case 'resuming':
      return resumingError();
    default:
      return undefined;
  }
};

const send = (response: ServerResponse, status: number, body: string, errorType?: string): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(body);
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = request.rawHeaders.reduce((sum, each) => sum + each.length + 2, 0);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= requestLimitBytes) chunks.push(chunk);
  }
  if (bytes > requestLimitBytes)
    throw new ServiceError('RequestEntityTooLargeException', 413, 'The request exceeds the size limit 4 MiB');
  return Buffer.concat(chunks);
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new LockkeeperError('PortTaken', `port ${port} is taken; the local Data API cannot listen there`, {
              cause,
              details: { port },
            })
          : cause,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
