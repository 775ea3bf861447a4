import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ClusterRecord } from './cluster-record.ts';
import { clusterReply } from './cluster-reply.ts';
import { recordStatus, requireAvailable } from './cluster-status.ts';
import { restoredCluster } from './clusters.ts';
import { listOf } from './paging.ts';
import { backupRetention, capacity, flag } from './parameter-kinds.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { invalidParameter, notImitated, RdsFault } from './rds-fault.ts';
import { freeIdentifier, surroundings } from './restored-record.ts';

const combination = (message: string): RdsFault => new RdsFault('InvalidParameterCombination', 400, message);

/**
 * `arn:aws:secretsmanager:<region>:<account>:secret:rds!cluster-<uuid>-<6 letters>` is how RDS calls them; the identifier is shorter here,
 * since the whole is longer than the 100 characters that the Data API's model allows.
 */
const managedArn = ({ source }: RdsContext): string => {
  const [, partition, , region, account] = source.clusterArn.split(':');
  const random = randomBytes(11).toString('hex');
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:rds!cluster-${random.slice(0, 16)}-${random.slice(16)}`;
};

const parametersSchema = z.strictObject({
  DBClusterIdentifier: z.string(),
  NewDBClusterIdentifier: z.string().optional(),
  ApplyImmediately: flag.default(false),
  MasterUserPassword: z
    .string()
    .regex(/^[ -~]{8,128}$/)
    .regex(/^[^/"@]*$/)
    .optional(),
  ManageMasterUserPassword: flag.optional(),
  DeletionProtection: flag.optional(),
  CopyTagsToSnapshot: flag.optional(),
  BackupRetentionPeriod: backupRetention.optional(),
  ServerlessV2ScalingConfiguration: capacity.optional(),
  VpcSecurityGroupIds: listOf(z.string()),
  DBClusterParameterGroupName: z.string().optional(),
});
type Parameters = z.infer<typeof parametersSchema>;

/** What becomes of the master user's secret. @throws RdsFault */
const secretChange = (context: RdsContext, record: ClusterRecord, parameters: Parameters): Partial<ClusterRecord> => {
  const { ManageMasterUserPassword: managed, MasterUserPassword: password } = parameters;
  if (managed === true && password !== undefined)
    throw combination('You can’t specify both MasterUserPassword and ManageMasterUserPassword.');
  if (managed === false && record.managedSecret !== undefined && password === undefined)
    throw combination('MasterUserPassword is required when RDS stops managing the master user password.');
  if (password !== undefined && managed === undefined && record.managedSecret !== undefined)
    throw combination('You can’t specify MasterUserPassword for a cluster whose password is managed by RDS.');
  if (managed === true && record.managedSecret === undefined)
    return {
      managedSecret: { arn: managedArn(context), activeAtEpochMs: context.clock.now() + context.takesMs.change },
    };
  return managed === false ? { managedSecret: undefined } : {};
};

export const modifyDBCluster = rdsAction(parametersSchema, async (context, parameters) => {
  const record = restoredCluster(context, 'ModifyDBCluster', parameters.DBClusterIdentifier);
  const { NewDBClusterIdentifier: newName, MasterUserPassword: password, ApplyImmediately } = parameters;
  if (!ApplyImmediately && (newName !== undefined || password !== undefined))
    throw notImitated('a new name or password without ApplyImmediately in rds:ModifyDBCluster');
  const renameTo =
    newName === undefined || newName.toLowerCase() === record.identifier
      ? undefined
      : freeIdentifier(context, 'NewDBClusterIdentifier', newName);
  const secret = secretChange(context, record, parameters);
  const { parameterGroup } = surroundings({ ...parameters, DBSubnetGroupName: undefined }, record.engineVersion);
  const { ServerlessV2ScalingConfiguration: scaling = record.capacity } = parameters;
  requireAvailable(record.identifier, recordStatus(context, record));
  if (password !== undefined) {
    await context.clusters.setPassword(record, password).catch((cause: unknown) => {
      throw invalidParameter(`The password could not be set: ${cause instanceof Error ? cause.name : 'unknown'}`);
    });
  }
  const status =
    renameTo !== undefined ? 'renaming' : password !== undefined ? 'resetting-master-credentials' : 'modifying';
  const change: Partial<ClusterRecord> = {
    ...secret,
    capacity: scaling,
    parameterGroup,
    deletionProtection: parameters.DeletionProtection ?? record.deletionProtection,
    copyTagsToSnapshot: parameters.CopyTagsToSnapshot ?? record.copyTagsToSnapshot,
    backupRetentionPeriod: parameters.BackupRetentionPeriod ?? record.backupRetentionPeriod,
    changing: { status, untilEpochMs: context.clock.now() + context.takesMs.change, ...(renameTo && { renameTo }) },
  };
  context.clusters.change(record.identifier, change);
  return { DBCluster: clusterReply(context, { ...record, ...change }) };
});
