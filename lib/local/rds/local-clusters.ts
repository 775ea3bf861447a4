import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import {
  copyDirectory,
  isAlive,
  type LocalPostgres,
  openPostgres,
  serverAccount,
  stopUnused,
} from '../postgres/index.ts';
import { baseBackup } from './base-backup.ts';
import { type ClusterRecord, clusterSchema } from './cluster-record.ts';
import { type RecordStore, recordStore } from './record-store.ts';
import type { CopyFrom, CopyProgress } from './snapshot-copies.ts';

/** The clusters that were restored or cloned: records and data in `clusters`, a server for each while it is used. */
export interface LocalClusters extends Pick<RecordStore<ClusterRecord>, 'add' | 'change'> {
  /** As it is now: one whose deletion is due is gone, one whose rename is due has the new name. */
  find(identifier: string): ClusterRecord | undefined;
  all(): ClusterRecord[];
  /** Begins the copy that becomes the cluster's data. */
  copy(record: ClusterRecord, from: CopyFrom): void;
  isCopying(resourceId: string): boolean;
  /** Its server, started by the first who asks. */
  server(record: ClusterRecord): Promise<LocalPostgres>;
  /** How the last start of its server here went; undefined when nobody asked for it. */
  serverState(resourceId: string): 'starting' | 'running' | 'failed' | undefined;
  /** Begins to start its server. */
  start(record: ClusterRecord): void;
  /** The port that its server has, or last had. */
  portOf(record: ClusterRecord): number | undefined;
  /** Gives its master user another password. */
  setPassword(record: ClusterRecord, password: string): Promise<void>;
  /** Begins to stop its server, whoever uses it; the data stay. */
  stop(record: ClusterRecord): void;
  /** Copies its data, which its server is started for: writes go on meanwhile. */
  copyOf(record: ClusterRecord): CopyFrom;
  /** Stops its server and frees the disk; the record stays until its deletion is due. */
  destroy(record: ClusterRecord): void;
  /** Resolves when nothing is copied, started, stopped or destroyed any more. */
  settled(): Promise<void>;
  /** Stops the servers that this process uses, and those that nobody does. */
  close(): Promise<void>;
}

export interface ClustersOptions {
  readonly directory: string;
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** The cluster's ARN by its name. */
  readonly arnOf: (identifier: string) => string;
  /** Awaited before a copy ends; what it throws makes the cluster fail. */
  readonly beforeEnd: (identifier: string) => Promise<void>;
}

export const localClusters = ({ directory, now, log, arnOf, beforeEnd }: ClustersOptions): LocalClusters => {
  const store = recordStore(directory, clusterSchema);
  const homeOf = ({ resourceId }: ClusterRecord): string => join(directory, resourceId);
  const servers = new Map<string, Promise<LocalPostgres>>();
  const states = new Map<string, 'starting' | 'running' | 'failed'>();
  const copying = new Set<string>();
  const working = new Set<Promise<void>>();
  const background = (what: string, work: Promise<void>): void => {
    const watched: Promise<void> = work
      .catch((error: unknown) => log(`${what}: ${reasonOf(error)}`))
      .finally(() => working.delete(watched));
    working.add(watched);
  };

  /** Does what is due. */
  const settle = (record: ClusterRecord): ClusterRecord | undefined => {
    const { changing, goneAtEpochMs } = record;
    if (goneAtEpochMs !== undefined && goneAtEpochMs <= now() && !existsSync(homeOf(record))) {
      store.remove(record.identifier);
      return undefined;
    }
    if (changing === undefined || changing.untilEpochMs > now()) return record;
    const { changing: _, ...rest } = record;
    if (changing.renameTo === undefined) return rest;
    const renamed = { ...rest, identifier: changing.renameTo, arn: arnOf(changing.renameTo) };
    if (store.add(renamed) || store.find(renamed.identifier)?.resourceId === record.resourceId) {
      store.remove(record.identifier);
      return renamed;
    }
    log(`cluster ${record.identifier} keeps its name: ${renamed.identifier} is taken`);
    return rest;
  };
  const all = (): ClusterRecord[] =>
    store.all().flatMap((record) => {
      const settled = settle(record);
      return settled === undefined || settled.identifier !== record.identifier ? [] : [settled];
    });

  const server = (record: ClusterRecord): Promise<LocalPostgres> => {
    const known = servers.get(record.resourceId);
    if (known !== undefined) return known;
    states.set(record.resourceId, 'starting');
    const opening = openPostgres({ directory: homeOf(record), fsync: false, log });
    servers.set(record.resourceId, opening);
    opening.then(
      () => states.set(record.resourceId, 'running'),
      () => {
        states.set(record.resourceId, 'failed');
        servers.delete(record.resourceId);
      },
    );
    return opening;
  };
  const stopServer = async (record: ClusterRecord): Promise<void> => {
    const ours = servers.get(record.resourceId);
    servers.delete(record.resourceId);
    states.delete(record.resourceId);
    const postgres = await ours?.catch(() => undefined);
    await postgres?.stop();
    await stopUnused(homeOf(record), { force: true });
  };
  const destroy = async (record: ClusterRecord): Promise<void> => {
    await stopServer(record);
    rmSync(homeOf(record), { recursive: true, force: true });
  };

  const copy = async (record: ClusterRecord, from: CopyFrom): Promise<void> => {
    const { resourceId } = record;
    const change = (changed: Partial<ClusterRecord>): void => {
      const found = store.all().find((each) => each.resourceId === resourceId);
      if (found !== undefined) store.change(found.identifier, changed);
    };
    try {
      const home = join(homeOf(record), 'postgres');
      // Before the copy makes it with a closed mode: the server's account goes through it.
      mkdirSync(home, { recursive: true });
      await from(home, { report: () => undefined, beforeEnd: () => beforeEnd(record.identifier) });
      change({ state: 'complete' });
      log(`cluster ${record.identifier} is restored`);
    } catch (error) {
      log(`cluster ${record.identifier} failed: ${reasonOf(error)}`);
      rmSync(homeOf(record), { recursive: true, force: true });
      change({ state: 'failed', reason: reasonOf(error) });
    } finally {
      copying.delete(resourceId);
    }
  };

  // What a process left that was killed.
  for (const record of store.all()) {
    if (record.state === 'copying' && !isAlive(record.owner.process)) {
      rmSync(homeOf(record), { recursive: true, force: true });
      const reason = 'the process that copied it ended before the copy was complete';
      store.change(record.identifier, { state: 'failed', reason });
    } else if (record.goneAtEpochMs !== undefined) background(`delete ${record.identifier}`, destroy(record));
    else background(`look after ${record.identifier}`, stopUnused(homeOf(record)));
  }

  return {
    add: (record) => store.add(record),
    change: (identifier, change) => store.change(identifier, change),
    find: (identifier) => {
      all();
      const found = store.find(identifier);
      return found === undefined ? undefined : settle(found);
    },
    all: () => {
      all();
      return all();
    },
    copy(record, from) {
      copying.add(record.resourceId);
      background(`copy ${record.identifier}`, copy(record, from));
    },
    isCopying: (resourceId) => copying.has(resourceId),
    server,
    serverState: (resourceId) => states.get(resourceId),
    start: (record) =>
      background(
        `start ${record.identifier}`,
        server(record).then(() => undefined),
      ),
    portOf(record) {
      const file = join(homeOf(record), 'postgres', 'port');
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined;
    },
    async setPassword(record, password) {
      const postgres = await server(record);
      await changePassword(postgres, password);
      await writeFile(join(homeOf(record), 'postgres', 'password'), password, { mode: 0o600 });
      servers.set(record.resourceId, Promise.resolve(withPassword(postgres, password)));
    },
    stop: (record) => background(`stop ${record.identifier}`, stopServer(record)),
    copyOf: (record) => async (target: string, progress: CopyProgress) =>
      baseBackup(await server(record), target, progress),
    destroy: (record) => background(`delete ${record.identifier}`, destroy(record)),
    async settled() {
      while (working.size > 0) await Promise.all(working);
    },
    async close() {
      await this.settled();
      const opened = [...servers.values()];
      servers.clear();
      await Promise.all(opened.map((opening) => opening.then((postgres) => postgres.stop()).catch(() => undefined)));
    },
  };
};

/** Copies data that no server runs on: `data` below `from`, and the password beside it. */
export const copyStopped = async (from: string, target: string, { report, beforeEnd }: CopyProgress): Promise<void> => {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copyDirectory(join(from, 'data'), join(target, 'data'), {
    account: serverAccount(join(from, 'data')),
    without: (path) => path === 'postmaster.pid',
    onProgress: (copied, count) => report(Math.floor((copied * 99) / count)),
  });
  await copyFile(join(from, 'password'), join(target, 'password'));
  await beforeEnd();
};

const changePassword = async (postgres: LocalPostgres, password: string): Promise<void> => {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { user } = postgres;
    await client.query(`alter role ${client.escapeIdentifier(user)} password ${client.escapeLiteral(password)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const withPassword = (postgres: LocalPostgres, password: string): LocalPostgres => ({
  ...postgres,
  password,
  url(database) {
    const url = new URL(postgres.url(database));
    url.password = encodeURIComponent(password);
    return url.href;
  },
});

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
