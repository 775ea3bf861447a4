export { type RdsClusterSource } from './cluster-source.ts';
export { openSnapshot } from './open-snapshot.ts';
export { type RdsClock, type RdsFaults } from './rds-context.ts';
export { type RestoredCluster } from './restored-cluster.ts';
export { type RdsOptions, type RdsServer, startRds } from './rds-server.ts';
