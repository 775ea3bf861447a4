/** What `lockkeeper/data-api` gives: the RDS Data API's stand-in by itself. docs/data-api.md says what it imitates. */
export type { Credentials } from './local/authentication/credentials.ts';
export type { FaultAt } from './local/fault-list.ts';
export * from './local/data-api/index.ts';
