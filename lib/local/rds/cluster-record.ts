import { z } from 'zod';
import { tagSchema } from './snapshot-store.ts';

const instanceSchema = z.object({
  identifier: z.string(),
  instanceClass: z.string(),
  autoMinorVersionUpgrade: z.boolean(),
  createdAtEpochMs: z.number(),
  /** Not shown as available before this instant. */
  notBeforeEpochMs: z.number(),
  /** It is gone from this instant on. */
  goneAtEpochMs: z.number().optional(),
  tags: z.array(tagSchema),
});

/** An instance of a cluster; the first is what the server stands for. */
export type InstanceRecord = z.infer<typeof instanceSchema>;

export const clusterSchema = z.object({
  identifier: z.string(),
  /** Names its directory, and stays through a rename. */
  resourceId: z.string(),
  arn: z.string(),
  engineVersion: z.string(),
  createdAtEpochMs: z.number(),
  /** Not shown as available before this instant. */
  notBeforeEpochMs: z.number(),
  state: z.enum(['copying', 'complete', 'failed']),
  /** Why it failed. */
  reason: z.string().optional(),
  /** The process that copies it, and which of its servers. */
  owner: z.object({ process: z.string(), server: z.string() }),
  /** The cluster that it, or its snapshot, was copied from. */
  sourceIdentifier: z.string(),
  /** The snapshot that it is copied from, which stays until that is done. */
  snapshotIdentifier: z.string().optional(),
  isClone: z.boolean(),
  /** What its Data API takes: the source's secret until it has one of its own. */
  secretArn: z.string(),
  managedSecret: z.object({ arn: z.string(), activeAtEpochMs: z.number() }).optional(),
  httpEndpointEnabled: z.boolean(),
  /** The ARN under which the Data API was switched on: after a rename it answers neither to this one nor to the new one. */
  endpointArn: z.string().optional(),
  deletionProtection: z.boolean(),
  subnetGroup: z.string(),
  securityGroups: z.array(z.string()),
  parameterGroup: z.string(),
  capacity: z
    .object({ MinCapacity: z.number(), MaxCapacity: z.number(), SecondsUntilAutoPause: z.number().optional() })
    .optional(),
  copyTagsToSnapshot: z.boolean(),
  backupRetentionPeriod: z.number(),
  tags: z.array(tagSchema),
  instances: z.array(instanceSchema),
  /** A change that shows until an instant, and the name that the cluster has from then on. */
  changing: z.object({ status: z.string(), untilEpochMs: z.number(), renameTo: z.string().optional() }).optional(),
  /** It is gone from this instant on. */
  goneAtEpochMs: z.number().optional(),
});

/** What is kept of a cluster that was restored or cloned. */
export type ClusterRecord = z.infer<typeof clusterSchema>;
