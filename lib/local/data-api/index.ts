export { type Clock, wallClock } from './clock.ts';
export type {
  AutoPauseSettings,
  ClusterCondition,
  ConnectionSettings,
  DataApiCluster,
  ProcedureSupport,
  Refusal,
  SessionState,
} from './cluster-facts.ts';
export { type DataApiRequest, type Disturbance, type Fault, faults, type OnRequest, type Operation } from './fault.ts';
export { type DataApiOptions, type DataApiServer, startDataApi } from './server.ts';
