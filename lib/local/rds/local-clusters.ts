import { existsSync, rmSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyDirectory, isAlive, type LocalPostgres, openPostgres, serverAccount, stopUnused } from '../postgres/index.ts';
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
  /** Stops its server, whoever uses it; the data stay. */
  stopServer(record: ClusterRecord): Promise<void>;
  /** Copies its data: while its server runs by base backup. */
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
    store.add(renamed);
    store.remove(record.identifier);
    return renamed;
  };
  const all = (): ClusterRecord[] =>
    store.all().flatMap((record) => {
      const settled = settle(record);
      return settled === undefined || settled.identifier !== record.identifier ? [] : [settled];
    });

  const server = (record: ClusterRecord): Promise<LocalPostgres> => {
    const known = servers.get(record.resourceId);
    if (known !== undefined) return known;
    const opening = openPostgres({ directory: homeOf(record), fsync: false, log });
    servers.set(record.resourceId, opening);
    opening.catch(() => servers.delete(record.resourceId));
    return opening;
  };
  const stopServer = async (record: ClusterRecord): Promise<void> => {
    const ours = servers.get(record.resourceId);
    servers.delete(record.resourceId);
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
    stopServer,
    copyOf: (record) => async (target: string, progress: CopyProgress) => {
      if (record.instances.length > 0) return baseBackup(await server(record), target, progress);
      return copyStopped(join(homeOf(record), 'postgres'), target, progress);
    },
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

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
