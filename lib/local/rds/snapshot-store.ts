import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type RecordStore, recordStore } from './record-store.ts';

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
  /** When its copy ended: what was committed until then is in it. */
  completedAtEpochMs: z.number().optional(),
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

/** The snapshots of a directory. */
export interface SnapshotStore extends RecordStore<SnapshotRecord> {
  /** Where the data of one lies. */
  dataOf(identifier: string): string;
  /** The record, then the data. */
  remove(identifier: string): void;
}

export const snapshotStore = (directory: string): SnapshotStore => {
  const records = recordStore(directory, recordSchema);
  const dataOf = (identifier: string): string => join(directory, identifier);
  return {
    ...records,
    dataOf,
    remove(identifier) {
      records.remove(identifier);
      rmSync(dataOf(identifier), { recursive: true, force: true });
    },
  };
};
