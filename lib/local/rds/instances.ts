import { z } from 'zod';
import type { ClusterRecord, InstanceRecord } from './cluster-record.ts';
import { instanceReply, sourceInstance, sourceInstanceReply } from './cluster-reply.ts';
import { arnBeside } from './cluster-source.ts';
import { instancesOf, recordStatus, requireAvailable } from './cluster-status.ts';
import { restoredCluster } from './clusters.ts';
import { identifierIn, storedIdentifier } from './identifier.ts';
import { flag } from './parameter-kinds.ts';
import { describing, filtered, paged } from './paging.ts';
import { list } from './query-reply.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { notImitated, RdsFault } from './rds-fault.ts';
import { requireEngine } from './restored-record.ts';
import { mergedTags, tagsParameter } from './tag-rules.ts';

/** Instances of a region, by default: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html */
export const instanceQuota = 40;
export const instanceQuotaReached = (): RdsFault =>
  new RdsFault('InstanceQuotaExceeded', 400, `Cannot create more than ${instanceQuota} instances`);

export const instanceMissing = (identifier: string): RdsFault =>
  new RdsFault('DBInstanceNotFound', 404, `DBInstance ${identifier} not found.`);

interface Found {
  readonly record: ClusterRecord;
  readonly instance: InstanceRecord;
}

/** Those of all restored clusters that are not gone. */
const instances = (context: RdsContext): Found[] =>
  context.clusters.all().flatMap((record) => instancesOf(context, record).map((instance) => ({ record, instance })));

export const createDBInstance = rdsAction(
  z.strictObject({
    DBInstanceIdentifier: z.string(),
    DBClusterIdentifier: z.string(),
    DBInstanceClass: z.string().regex(/^db\./),
    Engine: z.string(),
    EngineVersion: z.string().optional(),
    DBParameterGroupName: z.string().optional(),
    PubliclyAccessible: z.literal('false').optional(),
    AutoMinorVersionUpgrade: flag.default(true),
    PromotionTier: z.literal('1').optional(),
    Tags: tagsParameter,
  }),
  (context, parameters) => {
    const identifier = storedIdentifier('DBInstanceIdentifier', parameters.DBInstanceIdentifier);
    const record = restoredCluster(context, 'CreateDBInstance', parameters.DBClusterIdentifier);
    const all = instances(context);
    if (identifier === sourceInstance(context) || all.some(({ instance }) => instance.identifier === identifier))
      throw new RdsFault('DBInstanceAlreadyExists', 400, 'DB instance already exists');
    if (all.length + 1 >= instanceQuota) throw instanceQuotaReached();
    const { DBParameterGroupName: group = record.parameterGroup } = parameters;
    if (group !== record.parameterGroup)
      throw new RdsFault('DBParameterGroupNotFound', 404, `DBParameterGroup not found: ${group}`);
    requireEngine(record.engineVersion, parameters.Engine, parameters.EngineVersion);
    if (parameters.DBInstanceClass === 'db.serverless' && record.capacity === undefined)
      throw new RdsFault(
        'InvalidParameterCombination',
        400,
        'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
      );
    requireAvailable(record.identifier, recordStatus(context, record));
    const now = context.clock.now();
    const instance: InstanceRecord = {
      identifier,
      instanceClass: parameters.DBInstanceClass,
      autoMinorVersionUpgrade: parameters.AutoMinorVersionUpgrade,
      createdAtEpochMs: now,
      notBeforeEpochMs: now + context.takesMs.instance,
      tags: mergedTags([], parameters.Tags),
    };
    context.clusters.change(record.identifier, { instances: [...instancesOf(context, record), instance] });
    context.clusters.start(record);
    return { DBInstance: instanceReply(context, record, instance) };
  },
);

export const describeDBInstances = rdsAction(
  z.strictObject({ DBInstanceIdentifier: z.string().optional(), ...describing }),
  (context, parameters) => {
    const { source } = context;
    const all = [
      {
        identifier: sourceInstance(context),
        cluster: [source.clusterIdentifier, source.clusterArn],
        show: () => sourceInstanceReply(context),
      },
      ...instances(context).map(({ record, instance }) => ({
        identifier: instance.identifier,
        cluster: [record.identifier, record.arn],
        show: () => instanceReply(context, record, instance),
      })),
    ].toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1));
    const wanted = parameters.DBInstanceIdentifier;
    const named = wanted === undefined ? undefined : identifierIn('db', wanted);
    const chosen = all.filter(({ identifier }) => named === undefined || identifier === named);
    if (wanted !== undefined && chosen.length === 0) throw instanceMissing(wanted);
    const found = filtered(chosen, parameters.Filters, {
      'db-cluster-id': ({ cluster }) => cluster,
      'db-instance-id': ({ identifier }) => [identifier, arnBeside(source, 'db', identifier)],
      engine: () => ['aurora-postgresql'],
    });
    const { page, marker } = paged(found, ({ identifier }) => identifier, parameters);
    return {
      Marker: marker,
      DBInstances: list(
        'DBInstance',
        page.map(({ show }) => show()),
      ),
    };
  },
);

export const deleteDBInstance = rdsAction(
  // Of an Aurora instance there is neither a snapshot nor a backup: both are the cluster's.
  z.strictObject({
    DBInstanceIdentifier: z.string(),
    SkipFinalSnapshot: flag.optional(),
    DeleteAutomatedBackups: flag.optional(),
  }),
  (context, { DBInstanceIdentifier }) => {
    const identifier = identifierIn('db', DBInstanceIdentifier);
    if (identifier === sourceInstance(context)) throw notImitated("rds:DeleteDBInstance of the laptop's own cluster");
    const found = instances(context).find(({ instance }) => instance.identifier === identifier);
    if (found === undefined) throw instanceMissing(DBInstanceIdentifier);
    const { record, instance } = found;
    if (instance.goneAtEpochMs !== undefined)
      throw new RdsFault('InvalidDBInstanceState', 400, `Instance ${identifier} is already being deleted.`);
    const deleting = { ...instance, goneAtEpochMs: context.clock.now() + context.takesMs.instance };
    const left = instancesOf(context, record).map((each) => (each.identifier === identifier ? deleting : each));
    context.clusters.change(record.identifier, { instances: left });
    if (left.every(({ goneAtEpochMs }) => goneAtEpochMs !== undefined)) context.clusters.stop(record);
    return { DBInstance: instanceReply(context, record, deleting) };
  },
);
