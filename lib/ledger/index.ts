export type { AloneClaim, AloneRequest, BeginAloneRequest } from './alone.ts';
export type { IndexState, Judged } from './catalogue.ts';
export * from './database.ts';
export type { LedgerEntry } from './history.ts';
export { type AcquireRequest, type EndRunRequest, Ledger } from './ledger.ts';
export type { ActiveStatement, BuildProgress, LongTransaction } from './sessions.ts';
export { installStatement, ledgerVersion } from './sql/install.ts';
export * from './standing.ts';
export type { StepOptions, StepsRequest } from './steps.ts';
