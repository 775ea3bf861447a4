import { arnBeside, engineVersion } from './cluster-source.ts';
import { clusterStatus, instancesOf, instanceStatus, recordStatus } from './cluster-status.ts';
import type { ClusterRecord, InstanceRecord } from './cluster-record.ts';
import { list, type XmlValue } from './query-reply.ts';
import type { RdsContext } from './rds-context.ts';
import { statusOf } from './snapshot-status.ts';
import { tagList } from './tag-rules.ts';

/** What a laptop has of each kind: one subnet group, one security group, one parameter group. */
export const laptopNetwork = { subnetGroup: 'default', securityGroup: 'sg-00000000' } as const;
export const laptopParameterGroup = (version: string): string =>
  `default.aurora-postgresql${version.slice(0, (version + '.').indexOf('.'))}`;

const common = {
  Engine: 'aurora-postgresql',
  EngineMode: 'provisioned',
  MultiAZ: false,
  StorageEncrypted: false,
  IAMDatabaseAuthenticationEnabled: false,
  MasterUsername: 'postgres',
  AllocatedStorage: 1,
} as const;

const securityGroups = (ids: readonly string[]): XmlValue =>
  list(
    'VpcSecurityGroupMembership',
    ids.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
  );
const member = (identifier: string, isWriter: boolean): XmlValue => ({
  DBInstanceIdentifier: identifier,
  IsClusterWriter: isWriter,
  DBClusterParameterGroupStatus: 'in-sync',
  PromotionTier: 1,
});

/** From the end of the oldest copy on: the laptop knows no instants between its snapshots. */
const earliestRestorable = (context: RdsContext, clusterArn: string): Date | undefined => {
  const [first] = context.store
    .all()
    .filter((record) => record.clusterArn === clusterArn && statusOf(context, record) === 'available')
    .map(({ completedAtEpochMs, createdAtEpochMs }) => completedAtEpochMs ?? createdAtEpochMs)
    .toSorted((a, b) => a - b);
  return first === undefined ? undefined : new Date(first);
};

/** The laptop's own cluster. */
export const sourceReply = (context: RdsContext): XmlValue => {
  const { source } = context;
  return {
    ...common,
    DBClusterIdentifier: source.clusterIdentifier,
    DBClusterArn: source.clusterArn,
    DbClusterResourceId: `cluster-${source.clusterIdentifier}`,
    Status: clusterStatus(context),
    EngineVersion: engineVersion(source),
    Endpoint: '127.0.0.1',
    Port: source.kind === 'embedded' ? source.postgres.port : Number(new URL(source.url).port || 5432),
    ClusterCreateTime: new Date(context.startedAtEpochMs),
    EarliestRestorableTime: earliestRestorable(context, source.clusterArn),
    LatestRestorableTime: new Date(context.clock.now()),
    HttpEndpointEnabled: true,
    DeletionProtection: false,
    DBSubnetGroup: laptopNetwork.subnetGroup,
    VpcSecurityGroups: securityGroups([laptopNetwork.securityGroup]),
    DBClusterParameterGroup: laptopParameterGroup(engineVersion(source)),
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 1 },
    BackupRetentionPeriod: 1,
    CopyTagsToSnapshot: false,
    DBClusterMembers: list('DBClusterMember', [member(sourceInstance(context), true)]),
    ...(source.secretArn !== undefined && {
      MasterUserSecret: { SecretArn: source.secretArn, SecretStatus: 'active' },
    }),
  };
};

/** The one instance of the laptop's own cluster. */
export const sourceInstance = ({ source }: RdsContext): string => `${source.clusterIdentifier}-1`;

/** One that was restored or cloned. The port shows once a server runs. */
export const clusterReply = (context: RdsContext, record: ClusterRecord): XmlValue => {
  const { changing, managedSecret, capacity } = record;
  const now = context.clock.now();
  return {
    ...common,
    DBClusterIdentifier: record.identifier,
    DBClusterArn: record.arn,
    DbClusterResourceId: record.resourceId,
    Status: recordStatus(context, record),
    EngineVersion: record.engineVersion,
    Endpoint: '127.0.0.1',
    Port: context.clusters.portOf(record),
    ClusterCreateTime: new Date(record.createdAtEpochMs),
    EarliestRestorableTime: earliestRestorable(context, record.arn),
    LatestRestorableTime: new Date(now),
    HttpEndpointEnabled: record.httpEndpointEnabled,
    DeletionProtection: record.deletionProtection,
    DBSubnetGroup: record.subnetGroup,
    VpcSecurityGroups: securityGroups(record.securityGroups),
    DBClusterParameterGroup: record.parameterGroup,
    BackupRetentionPeriod: record.backupRetentionPeriod,
    CopyTagsToSnapshot: record.copyTagsToSnapshot,
    ...(record.isClone && { CloneGroupId: record.sourceIdentifier }),
    ...(capacity !== undefined && { ServerlessV2ScalingConfiguration: capacity as { [name: string]: number } }),
    ...(changing?.renameTo !== undefined && { PendingModifiedValues: { DBClusterIdentifier: changing.renameTo } }),
    ...(managedSecret !== undefined && {
      MasterUserSecret: {
        SecretArn: managedSecret.arn,
        SecretStatus: managedSecret.activeAtEpochMs > now ? 'creating' : 'active',
      },
    }),
    DBClusterMembers: list(
      'DBClusterMember',
      instancesOf(context, record).map(({ identifier }, index) => member(identifier, index === 0)),
    ),
    TagList: tagList(record.tags),
  };
};

const instanceCommon = {
  Engine: 'aurora-postgresql',
  MasterUsername: 'postgres',
  MultiAZ: false,
  PubliclyAccessible: false,
  StorageEncrypted: false,
  PromotionTier: 1,
  DeletionProtection: false,
} as const;

const parameterGroups = (name: string): XmlValue =>
  list('DBParameterGroup', [{ DBParameterGroupName: name, ParameterApplyStatus: 'in-sync' }]);

export const instanceReply = (context: RdsContext, record: ClusterRecord, instance: InstanceRecord): XmlValue => ({
  ...instanceCommon,
  DBInstanceIdentifier: instance.identifier,
  DBInstanceArn: arnBeside(context.source, 'db', instance.identifier),
  DBInstanceClass: instance.instanceClass,
  DBInstanceStatus: instanceStatus(context, record, instance),
  DBClusterIdentifier: record.identifier,
  EngineVersion: record.engineVersion,
  InstanceCreateTime: new Date(instance.createdAtEpochMs),
  AutoMinorVersionUpgrade: instance.autoMinorVersionUpgrade,
  DBParameterGroups: parameterGroups(record.parameterGroup),
  TagList: tagList(instance.tags),
});

export const sourceInstanceReply = (context: RdsContext): XmlValue => ({
  ...instanceCommon,
  DBInstanceIdentifier: sourceInstance(context),
  DBInstanceArn: arnBeside(context.source, 'db', sourceInstance(context)),
  DBInstanceClass: 'db.serverless',
  DBInstanceStatus: 'available',
  DBClusterIdentifier: context.source.clusterIdentifier,
  EngineVersion: engineVersion(context.source),
  InstanceCreateTime: new Date(context.startedAtEpochMs),
  AutoMinorVersionUpgrade: true,
  DBParameterGroups: parameterGroups(laptopParameterGroup(engineVersion(context.source))),
});
