import { z } from 'zod';
import { clusterReply } from './cluster-reply.ts';
import { instanceStatus, instancesOf, recordStatus } from './cluster-status.ts';
import { restoredCluster } from './clusters.ts';
import { flag } from './parameter-kinds.ts';
import { rdsAction } from './rds-context.ts';
import { RdsFault } from './rds-fault.ts';

export const deleteDBCluster = rdsAction(
  z.strictObject({
    DBClusterIdentifier: z.string(),
    SkipFinalSnapshot: flag.default(false),
    DeleteAutomatedBackups: flag.optional(),
  }),
  (context, parameters) => {
    const { clusters, clock, takesMs } = context;
    const record = restoredCluster(context, 'DeleteDBCluster', parameters.DBClusterIdentifier);
    if (!parameters.SkipFinalSnapshot)
      throw new RdsFault(
        'InvalidParameterCombination',
        400,
        'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
      );
    if (record.deletionProtection)
      throw new RdsFault(
        'InvalidParameterCombination',
        400,
        'Cannot delete protected Cluster, please disable deletion protection and try again.',
      );
    if (instancesOf(context, record).some((each) => instanceStatus(context, record, each) !== 'deleting'))
      throw new RdsFault(
        'InvalidDBClusterStateFault',
        400,
        'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
      );
    const status = recordStatus(context, record);
    if (status !== 'available' && !status.endsWith('failed'))
      throw new RdsFault('InvalidDBClusterStateFault', 400, `DBCluster ${record.identifier} is in the state ${status}`);
    const deleting = { ...record, goneAtEpochMs: clock.now() + takesMs.cluster };
    clusters.change(record.identifier, { goneAtEpochMs: deleting.goneAtEpochMs });
    clusters.destroy(record);
    return { DBCluster: clusterReply(context, deleting) };
  },
);
