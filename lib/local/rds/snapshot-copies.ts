import { rmSync } from 'node:fs';
import { baseBackup } from './base-backup.ts';
import type { RdsClusterSource } from './cluster-source.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { templateCopy } from './template-copy.ts';

/** How a copy tells how far it is. */
export interface CopyProgress {
  /** 0 to 99. */
  report(percent: number): void;
  /** Awaited when the files are there and the copy is about to end. */
  beforeEnd(): Promise<void>;
}

/** Copies a cluster's data into `target/data`, its password beside it. */
export type CopyFrom = (target: string, progress: CopyProgress) => Promise<void>;

/** The copies that this server makes. */
export interface SnapshotCopies {
  /** Copies the laptop's own cluster, or what `from` copies. */
  begin(identifier: string, from?: CopyFrom): void;
  /** Of a copy that runs; undefined for another. */
  percentOf(identifier: string): number | undefined;
  /** Resolves when none runs any more. */
  settled(): Promise<void>;
}

export const snapshotCopies = (
  source: RdsClusterSource,
  store: SnapshotStore,
  log: (line: string) => void,
  beforeEnd: (identifier: string) => Promise<void>,
  now: () => number,
): SnapshotCopies => {
  const running = new Map<string, { percent: number; done: Promise<void> }>();
  const copy = async (identifier: string, progress: CopyProgress, from?: CopyFrom): Promise<void> => {
    const data = store.dataOf(identifier);
    try {
      if (from !== undefined) await from(data, progress);
      else if (source.kind === 'embedded') await baseBackup(source.postgres, data, progress);
      else if (source.copy) await source.copy(identifier, progress);
      else await templateCopy(source, identifier, progress);
      store.change(identifier, { state: 'complete', completedAtEpochMs: now() });
      log(`snapshot ${identifier} is complete`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log(`snapshot ${identifier} failed: ${reason}`);
      rmSync(data, { recursive: true, force: true });
      store.change(identifier, { state: 'failed', reason });
    }
  };
  return {
    begin(identifier, from) {
      const entry = { percent: 0, done: Promise.resolve() };
      running.set(identifier, entry);
      const progress: CopyProgress = {
        report: (percent) => (entry.percent = percent),
        beforeEnd: () => beforeEnd(identifier),
      };
      entry.done = copy(identifier, progress, from)
        .catch((error: unknown) => log(`snapshot ${identifier}: ${String(error)}`))
        .finally(() => running.delete(identifier));
    },
    percentOf: (identifier) => running.get(identifier)?.percent,
    async settled() {
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
};
