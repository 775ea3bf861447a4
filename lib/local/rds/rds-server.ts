import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LockkeeperError } from '../../errors/index.ts';
import { createRequestGuard, type Credentials, queryRefusals, randomCredentials } from '../authentication/index.ts';
import { serviceFaults, slowCallMs } from '../service-faults.ts';
import { identityOf } from '../postgres/index.ts';
import {
  createDBClusterSnapshot,
  deleteDBClusterSnapshot,
  describeDBClusterSnapshots,
  snapshotQuotaReached,
} from './cluster-snapshots.ts';
import { arnBeside, type RdsClusterSource } from './cluster-source.ts';
import { describeDBClusters } from './clusters.ts';
import { deleteDBCluster } from './delete-cluster.ts';
import { disableHttpEndpoint, enableHttpEndpoint } from './http-endpoint.ts';
import { createDBInstance, deleteDBInstance, describeDBInstances, instanceQuotaReached } from './instances.ts';
import { localClusters } from './local-clusters.ts';
import { modifyDBCluster } from './modify-cluster.ts';
import { faultReply, successReply, type XmlValue } from './query-reply.ts';
import { parseParameters, readQuery } from './query-request.ts';
import type { RdsAction, RdsClock, RdsContext, RdsDelays, RdsFaults } from './rds-context.ts';
import { notImitated, RdsFault } from './rds-fault.ts';
import { restoreDBClusterFromSnapshot, restoreDBClusterToPointInTime } from './restore-clusters.ts';
import { clusterQuotaReached } from './restored-record.ts';
import { type RestoredCluster, restoredClusterOf } from './restored-cluster.ts';
import { snapshotCopies } from './snapshot-copies.ts';
import { statusOf } from './snapshot-status.ts';
import { snapshotStore } from './snapshot-store.ts';
import { addTagsToResource, listTagsForResource } from './tags.ts';

export interface RdsOptions {
  readonly cluster: RdsClusterSource;
  /** Snapshots lie in `snapshots` below it, restored clusters in `clusters`, e.g. `.lockkeeper`. */
  readonly directory: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: RdsClock;
  /** What requests must be signed with; random ones when absent. */
  readonly credentials?: Credentials;
  /** Milliseconds since 1970, against which the date of a signature is held; the machine's, by which SDKs sign, when absent. */
  readonly now?: () => number;
  /** The least time, by the clock, that a snapshot is shown as creating; 0 when absent. */
  readonly snapshotTakesMs?: number;
  /** The least times of what is done to restored clusters; 0 each when absent. */
  readonly takesMs?: Partial<RdsDelays>;
  readonly faults?: RdsFaults;
  /** Told what becomes of each snapshot, above all why one failed: the service has no field for that. */
  readonly log?: (line: string) => void;
}

export interface RdsServer {
  readonly url: string;
  readonly port: number;
  /** What requests must be signed with. */
  readonly credentials: Credentials;
  /** Calls so far, by action; refused ones too, but for those that were not signed for us. */
  readonly calls: Readonly<Record<string, number>>;
  /** Why a snapshot failed; undefined for one that did not. */
  failureOf(identifier: string): string | undefined;
  /** A restored cluster as the Data API sees it now; undefined for the laptop's own and for one that is not there. */
  clusterOf(resourceArn: string): RestoredCluster | undefined;
  /** Takes no more calls, waits for the copies that run, stops the servers of restored clusters. */
  close(): Promise<void>;
}

/** Every call that is imitated, by its name on the wire. */
const actions: Readonly<Record<string, RdsAction>> = {
  CreateDBClusterSnapshot: createDBClusterSnapshot,
  DescribeDBClusterSnapshots: describeDBClusterSnapshots,
  DeleteDBClusterSnapshot: deleteDBClusterSnapshot,
  AddTagsToResource: addTagsToResource,
  ListTagsForResource: listTagsForResource,
  DescribeDBClusters: describeDBClusters,
  RestoreDBClusterFromSnapshot: restoreDBClusterFromSnapshot,
  RestoreDBClusterToPointInTime: restoreDBClusterToPointInTime,
  ModifyDBCluster: modifyDBCluster,
  DeleteDBCluster: deleteDBCluster,
  CreateDBInstance: createDBInstance,
  DescribeDBInstances: describeDBInstances,
  DeleteDBInstance: deleteDBInstance,
  EnableHttpEndpoint: enableHttpEndpoint,
  DisableHttpEndpoint: disableHttpEndpoint,
};

/** Thrown instead of a reply that nobody gets. */
const replyLost = new Error('the reply is lost');

/** Of the calls imitated only these meet a quota. */
const quotas: Readonly<Record<string, () => RdsFault>> = {
  CreateDBClusterSnapshot: snapshotQuotaReached,
  RestoreDBClusterFromSnapshot: clusterQuotaReached,
  RestoreDBClusterToPointInTime: clusterQuotaReached,
  CreateDBInstance: instanceQuotaReached,
};
const quotaReached = (action: string): RdsFault =>
  (Object.hasOwn(quotas, action) ? quotas[action]?.() : undefined) ?? notImitated(`a quota of rds:${action}`);

const longestBodyBytes = 1024 * 1024;

/**
 * A server on the loopback address that answers like the control plane of RDS for one cluster; its snapshots really copy the data.
 * @throws LockkeeperError `PortTaken`
 */
export const startRds = async (options: RdsOptions): Promise<RdsServer> => {
  const { cluster: source, faults = {}, clock = Date as RdsClock, log = (): void => undefined } = options;
  const store = snapshotStore(join(options.directory, 'snapshots'));
  const beforeEnd = async (identifier: string): Promise<void> => faults.copying?.(identifier);
  const context: RdsContext = {
    source,
    store,
    clock,
    faults,
    copies: snapshotCopies(source, store, log, beforeEnd, () => clock.now()),
    clusters: localClusters({
      directory: join(options.directory, 'clusters'),
      now: () => clock.now(),
      log,
      arnOf: (identifier) => arnBeside(source, 'cluster', identifier),
      beforeEnd,
    }),
    snapshotTakesMs: options.snapshotTakesMs ?? 0,
    takesMs: { cluster: 0, instance: 0, change: 0, ...options.takesMs },
    owner: { process: identityOf(process.pid) ?? String(process.pid), server: randomUUID() },
    startedAtEpochMs: clock.now(),
  };
  const calls: Record<string, number> = {};
  const credentials = options.credentials ?? randomCredentials();
  const guard = createRequestGuard({ credentials, service: 'rds', now: options.now });

  const answer = async (body: string): Promise<{ action: string; result: XmlValue }> => {
    const { action, version, parameters } = readQuery(body);
    calls[action] = (calls[action] ?? 0) + 1;
    const fault = await faults.call?.(action);
    if (fault !== undefined && !serviceFaults.includes(fault))
      throw new Error(`unknown fault ${String(fault)}; known are ${serviceFaults.join(', ')}`);
    if (fault === 'request-lost') throw replyLost;
    if (fault === 'refused') throw new RdsFault('Throttling', 400, 'Rate exceeded');
    if (fault === 'quota') throw quotaReached(action);
    if (fault === 'slow') await (clock.sleep?.(slowCallMs) ?? pause(slowCallMs));
    const disturbed = await faults.answer?.(action);
    if (disturbed !== undefined) throw new RdsFault(disturbed.code, disturbed.status, disturbed.message);
    const found = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (found === undefined) throw notImitated(`rds:${action}`);
    if (version !== '2014-10-31') throw notImitated(`version ${version} of rds:${action}`);
    const performed = (async () => found.perform(context, parseParameters(found.parameters, action, parameters)))();
    if (fault === 'reply-lost')
      throw await performed.then(
        () => replyLost,
        () => replyLost,
      );
    const result = await performed;
    if (faults.replyLost?.(action) === true) throw replyLost;
    return { action, result };
  };

  const server = createServer((request, response) => {
    const requestId = randomUUID();
    readBody(request)
      .then((body) => {
        const refusal = guard(request, body);
        if (refusal === null) return answer(body.toString('utf8'));
        const { name, status } = queryRefusals[refusal.reason];
        throw new RdsFault(name, status, refusal.message);
      })
      .then(
        ({ action, result }) => ({ status: 200, text: successReply(action, result, requestId) }),
        (error: unknown) => {
          if (error === replyLost) throw error;
          const fault = error instanceof RdsFault ? error : new RdsFault('InternalFailure', 500, String(error));
          return { status: fault.status, text: faultReply(fault, requestId) };
        },
      )
      .then(({ status, text }) =>
        response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }).end(text),
      )
      .catch(() => response.destroy());
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    credentials,
    calls,
    failureOf(identifier) {
      const record = store.find(identifier);
      if (record === undefined || statusOf(context, record) !== 'failed') return undefined;
      return record.reason ?? 'the process that copied it ended before the copy was complete';
    },
    clusterOf: (resourceArn) => restoredClusterOf(context, resourceArn),
    async close() {
      server.close();
      server.closeIdleConnections();
      await context.copies.settled();
      await context.clusters.close();
      server.closeAllConnections();
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBodyBytes) throw new RdsFault('RequestEntityTooLarge', 413, 'Request body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const listen = (server: ReturnType<typeof createServer>, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE' && cause.code !== 'EACCES') return reject(cause);
      reject(
        new LockkeeperError('PortTaken', `port ${port} on 127.0.0.1 is taken; a free port was expected`, { cause }),
      );
    });
    server.listen({ port, host: '127.0.0.1' }, () => resolve((server.address() as { port: number }).port));
  });
