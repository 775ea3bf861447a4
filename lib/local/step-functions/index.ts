export type { ExecutionRecord } from './execution-record.ts';
export type { LocalMachine, Machines } from './machines.ts';
export type { Operations } from './operations.ts';
export { startStepFunctions, type StepFunctionsOptions, type StepFunctionsServer } from './start-step-functions.ts';
export type { StatusChange, StatusChangeDetail } from './status-change.ts';
export type { StatesFault, StatesFaults } from './http-protocol.ts';
