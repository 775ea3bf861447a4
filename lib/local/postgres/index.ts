export { type LocalPostgres, openPostgres, type PostgresOptions } from './open-postgres.ts';
