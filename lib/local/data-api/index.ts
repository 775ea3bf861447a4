export { type Clock, wallClock } from './clock.ts';
export type { ClusterCondition, DataApiCluster } from './cluster.ts';
export type { DataApiRequest, Disturbance, Fault, OnRequest, Operation } from './fault.ts';
export { type DataApiOptions, type DataApiServer, startDataApi } from './server.ts';
