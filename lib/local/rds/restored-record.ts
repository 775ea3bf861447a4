import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ClusterRecord } from './cluster-record.ts';
import { laptopNetwork, laptopParameterGroup } from './cluster-reply.ts';
import { arnBeside } from './cluster-source.ts';
import { clusterTaken } from './clusters.ts';
import { storedIdentifier } from './identifier.ts';
import { listOf } from './paging.ts';
import { backupRetention, capacity, flag } from './parameter-kinds.ts';
import type { RdsContext } from './rds-context.ts';
import { invalidParameter, notImitated, RdsFault } from './rds-fault.ts';
import { mergedTags, tagsParameter } from './tag-rules.ts';

/** What both restores take. A literal is what a laptop has: another value is refused. */
export const restoreParameters = {
  DBClusterIdentifier: z.string(),
  DBSubnetGroupName: z.string().optional(),
  VpcSecurityGroupIds: listOf(z.string()),
  DBClusterParameterGroupName: z.string().optional(),
  ServerlessV2ScalingConfiguration: capacity.optional(),
  DeletionProtection: flag.default(false),
  CopyTagsToSnapshot: flag.default(false),
  BackupRetentionPeriod: backupRetention.default(1),
  KmsKeyId: z.string().optional(),
  EnableIAMDatabaseAuthentication: z.literal('false').optional(),
  PubliclyAccessible: z.literal('false').optional(),
  EngineMode: z.literal('provisioned').optional(),
  StorageType: z.literal('aurora').optional(),
  NetworkType: z.literal('IPV4').optional(),
  Tags: tagsParameter,
};
const parametersSchema = z.object(restoreParameters);

/** Clusters of a region, by default: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html */
export const clusterQuota = 40;
export const clusterQuotaReached = (): RdsFault =>
  new RdsFault('DBClusterQuotaExceededFault', 403, `Cannot create more than ${clusterQuota} clusters`);

/** An external database's copies are databases beside it, on a server that is not ours to multiply. */
export const requireOurs = ({ source }: RdsContext, kind: 'embedded' | 'external'): void => {
  if (kind === 'external' || source.kind === 'external')
    throw notImitated('a restore of a database that somebody else runs (a snapshot of it is a database beside it)');
};

/** The record of a cluster to be: checked, not yet kept. @throws RdsFault */
export const restoredRecord = (
  context: RdsContext,
  parameters: z.infer<typeof parametersSchema>,
  origin: Pick<ClusterRecord, 'sourceIdentifier' | 'isClone' | 'engineVersion' | 'snapshotIdentifier'>,
): ClusterRecord => {
  const { source, clusters, clock } = context;
  const identifier = freeIdentifier(context, 'DBClusterIdentifier', parameters.DBClusterIdentifier);
  if (clusters.all().length + 1 >= clusterQuota) throw clusterQuotaReached();
  const { subnetGroup, securityGroups, parameterGroup } = surroundings(parameters, origin.engineVersion);
  if (parameters.KmsKeyId !== undefined)
    throw new RdsFault('KMSKeyNotAccessibleFault', 400, `The KMS key ${parameters.KmsKeyId} is not accessible`);
  const now = clock.now();
  const parent = clusters.find(origin.sourceIdentifier);
  return {
    identifier,
    resourceId: `cluster-${randomBytes(13).toString('hex').toUpperCase()}`,
    arn: arnBeside(source, 'cluster', identifier),
    ...origin,
    createdAtEpochMs: now,
    notBeforeEpochMs: now + context.takesMs.cluster,
    state: 'copying',
    owner: context.owner,
    secretArn: parent === undefined ? (source.secretArn ?? '') : (parent.managedSecret?.arn ?? parent.secretArn),
    httpEndpointEnabled: false,
    deletionProtection: parameters.DeletionProtection,
    subnetGroup,
    securityGroups,
    parameterGroup,
    capacity: parameters.ServerlessV2ScalingConfiguration,
    copyTagsToSnapshot: parameters.CopyTagsToSnapshot,
    backupRetentionPeriod: parameters.BackupRetentionPeriod,
    tags: mergedTags([], parameters.Tags),
    instances: [],
  };
};

/** An identifier that no cluster has or is about to have. @throws RdsFault */
export const freeIdentifier = ({ source, clusters }: RdsContext, parameter: string, given: string): string => {
  const identifier = storedIdentifier(parameter, given);
  const isTaken =
    identifier === source.clusterIdentifier ||
    clusters.all().some((each) => each.identifier === identifier || each.changing?.renameTo === identifier);
  if (isTaken) throw clusterTaken(identifier);
  return identifier;
};

/** What a cluster is put into: what is named must be there. @throws RdsFault */
export const surroundings = (
  parameters: Pick<
    z.infer<typeof parametersSchema>,
    'DBSubnetGroupName' | 'VpcSecurityGroupIds' | 'DBClusterParameterGroupName'
  >,
  version: string,
): Pick<ClusterRecord, 'subnetGroup' | 'securityGroups' | 'parameterGroup'> => {
  const { subnetGroup, securityGroup } = laptopNetwork;
  const parameterGroup = laptopParameterGroup(version);
  const { DBSubnetGroupName: wanted = subnetGroup, DBClusterParameterGroupName: group = parameterGroup } = parameters;
  if (wanted !== subnetGroup)
    throw new RdsFault('DBSubnetGroupNotFoundFault', 404, `DB subnet group '${wanted}' does not exist.`);
  if (group !== parameterGroup)
    throw new RdsFault('DBClusterParameterGroupNotFound', 404, `DBClusterParameterGroup not found: ${group}`);
  const strange = parameters.VpcSecurityGroupIds.find((id) => id !== securityGroup);
  if (strange !== undefined) throw invalidParameter(`Invalid security group, groupId= ${strange}, groupName=.`);
  return { subnetGroup, securityGroups: [securityGroup], parameterGroup };
};

/** The engine and its version as they are: a restore changes neither here. @throws RdsFault */
export const requireEngine = (version: string, engine: string | undefined, wanted: string | undefined): void => {
  if (engine !== undefined && engine !== 'aurora-postgresql') throw invalidParameter(`Invalid DB engine: ${engine}`);
  if (wanted !== undefined && wanted !== version)
    throw new RdsFault(
      'InvalidParameterCombination',
      400,
      `Cannot find version ${wanted} for aurora-postgresql: the local RDS has ${version}`,
    );
};
