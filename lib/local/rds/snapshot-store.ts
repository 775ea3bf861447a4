import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const tagSchema = z.strictObject({ Key: z.string(), Value: z.string().default('') });
export type Tag = z.infer<typeof tagSchema>;

const recordSchema = z.object({
  identifier: z.string(),
  arn: z.string(),
  clusterIdentifier: z.string(),
  clusterArn: z.string(),
  kind: z.enum(['embedded', 'external']),
  engineVersion: z.string(),
  createdAtEpochMs: z.number(),
  /** Not shown as available before this instant. */
  notBeforeEpochMs: z.number(),
  state: z.enum(['copying', 'complete', 'failed']),
  /** Why it failed. */
  reason: z.string().optional(),
  /** The process that copies it, and which of its servers. */
  owner: z.object({ process: z.string(), server: z.string() }),
  tags: z.array(tagSchema),
});

/** What is kept of a snapshot, in a file beside its data: `<identifier>.json`. */
export type SnapshotRecord = z.infer<typeof recordSchema>;

/** The snapshots of a directory. All on disk: other processes see them, and they outlive each. */
export interface SnapshotStore {
  /** Where the data of one lies. */
  dataOf(identifier: string): string;
  /** False when the identifier is taken. */
  add(record: SnapshotRecord): boolean;
  find(identifier: string): SnapshotRecord | undefined;
  /** By identifier. */
  all(): SnapshotRecord[];
  /** Holds afterwards as a whole or not at all. Nothing happens when the snapshot was deleted meanwhile. */
  change(identifier: string, change: Partial<Pick<SnapshotRecord, 'state' | 'reason' | 'tags'>>): void;
  /** The record, then the data. */
  remove(identifier: string): void;
}

let written = 0;

export const snapshotStore = (directory: string): SnapshotStore => {
  const fileOf = (identifier: string): string => join(directory, `${identifier}.json`);
  const writeAside = (record: SnapshotRecord): string => {
    mkdirSync(directory, { recursive: true });
    const aside = join(directory, `.${process.pid}.${(written += 1)}`);
    writeFileSync(aside, `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    return aside;
  };
  const find = (identifier: string): SnapshotRecord | undefined => {
    let text: string;
    try {
      text = readFileSync(fileOf(identifier), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return recordSchema.parse(JSON.parse(text));
  };
  return {
    dataOf: (identifier) => join(directory, identifier),
    add(record) {
      const aside = writeAside(record);
      try {
        linkSync(aside, fileOf(record.identifier));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        rmSync(aside);
      }
    },
    find,
    all: () => namesIn(directory).flatMap((name) => find(name) ?? []),
    change(identifier, change) {
      const record = find(identifier);
      if (record !== undefined) renameSync(writeAside({ ...record, ...change }), fileOf(identifier));
    },
    remove(identifier) {
      rmSync(fileOf(identifier), { force: true });
      rmSync(join(directory, identifier), { recursive: true, force: true });
    },
  };
};

const namesIn = (directory: string): string[] => {
  mkdirSync(directory, { recursive: true });
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted();
};
