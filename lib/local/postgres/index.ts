export { copyDirectory } from './copy-directory.ts';
export { type LocalPostgres, openPostgres, type PostgresOptions } from './open-postgres.ts';
export { identityOf, isAlive } from './process-identity.ts';
export { serverAccount } from './server-account.ts';
export { findServer, stopServer } from './server-process.ts';
export { stopUnused } from './stop-unused.ts';
