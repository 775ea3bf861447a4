export { LockkeeperError, LockkeeperErrors } from './errors/index.ts';
export type { ErrorCode } from './errors/index.ts';
export { MigrationService, type MigrationServiceProps } from './infra/migration-service.ts';
export { Migrations } from './infra/migrations.ts';
export { ServerlessCluster } from './infra/serverless-cluster.ts';
export type { Manifest, ManifestMigration, ManifestStatement } from './migration/manifest.ts';
export type { RunSettings } from './migration/settings.ts';
export type { MetricName } from './workflow/telemetry.ts';
