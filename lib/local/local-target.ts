import pg from 'pg';
import { LockkeeperError } from '../errors/index.ts';
import { openLocalDirectory } from './local-directory.ts';
import { localNames } from './local-names.ts';
import { openPostgres } from './postgres/index.ts';
import type { RdsClusterSource } from './rds/index.ts';

type WithDrained = <T>(work: () => Promise<T>) => Promise<T>;

/** The PostgreSQL that a local run works on. */
export interface LocalTarget {
  readonly url: string;
  readonly databaseName: string;
  /** The same as RDS sees it; `withDrained` runs work while none of our sessions is connected. */
  rdsCluster(withDrained: WithDrained): RdsClusterSource;
  close(): Promise<void>;
}

interface TargetOptions {
  readonly directory: string;
  readonly databaseUrl?: string;
  readonly ports?: { readonly postgres?: number };
  readonly fsync?: boolean;
  readonly onLog?: (line: string) => void;
}

const { clusterArn, clusterIdentifier, secretArn } = localNames;
const cluster = { clusterArn, clusterIdentifier, secretArn };

/** The database that was named, or the embedded one. @throws LockkeeperError `DatabaseUnavailable`, `DatabaseUrlRefused`, `UsageInvalid`, and what `openPostgres` throws */
export const openTarget = async (options: TargetOptions): Promise<LocalTarget> =>
  options.databaseUrl === undefined ? embedded(options) : external(options.databaseUrl);

const embedded = async ({ directory, ports, fsync, onLog }: TargetOptions): Promise<LocalTarget> => {
  openLocalDirectory(directory);
  const postgres = await openPostgres({
    directory,
    ...(ports?.postgres !== undefined && { port: ports.postgres }),
    ...(fsync !== undefined && { fsync }),
    ...(onLog && { log: onLog }),
  });
  return {
    url: postgres.url(),
    databaseName: postgres.database,
    rdsCluster: () => ({ ...cluster, kind: 'embedded', postgres }),
    close: () => postgres.stop(),
  };
};

const external = async (url: string): Promise<LocalTarget> => {
  const { databaseName, engineVersion } = await probe(url);
  return {
    url,
    databaseName,
    rdsCluster: (withDrained) => ({ ...cluster, kind: 'external', url, engineVersion, withDrained }),
    close: async () => undefined,
  };
};

/** Looks that the database answers, before anything is begun. */
const probe = async (url: string): Promise<{ databaseName: string; engineVersion: string }> => {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new LockkeeperError('UsageInvalid', 'the database URL does not begin with postgres:// or postgresql://');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; version: string }>(
      "select current_database() as name, split_part(current_setting('server_version'), ' ', 1) as version",
    );
    return { databaseName: rows[0]?.name ?? '', engineVersion: rows[0]?.version ?? '' };
  } catch (error) {
    const why =
      error instanceof Error ? error.message || ('code' in error ? String(error.code) : error.name) : String(error);
    throw new LockkeeperError(refusal(error), `the database at ${addressOf(url)} cannot be reached: ${why}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Password, user and database name are the operator's to correct; the rest may pass. */
const refusal = (error: unknown): 'DatabaseUrlRefused' | 'DatabaseUnavailable' =>
  error instanceof pg.DatabaseError && /^(28|3D)/.test(error.code ?? '') ? 'DatabaseUrlRefused' : 'DatabaseUnavailable';

const addressOf = (url: string): string => {
  try {
    return new URL(url).host;
  } catch {
    return 'the URL given';
  }
};
