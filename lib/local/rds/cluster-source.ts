import type { LocalPostgres } from '../postgres/index.ts';
import type { CopyProgress } from './snapshot-copies.ts';

interface ClusterNames {
  /** `arn:aws:rds:<region>:<account>:cluster:<identifier>` */
  readonly clusterArn: string;
  readonly clusterIdentifier: string;
  /** What its Data API takes as its master user's secret. */
  readonly secretArn?: string;
}

/** Our own server: its snapshots are physical base backups of the whole cluster. */
export interface EmbeddedCluster extends ClusterNames {
  readonly kind: 'embedded';
  readonly postgres: LocalPostgres;
}

/** A database that somebody else runs: its snapshots are databases copied beside it. */
export interface ExternalCluster extends ClusterNames {
  readonly kind: 'external';
  /** Of the database, with a user that may create databases. */
  readonly url: string;
  /** Shown as the cluster's engine version, e.g. `17.2`. */
  readonly engineVersion?: string;
  /** Runs `work` while no session of ours is connected to the database: PostgreSQL copies it only then. */
  withDrained<T>(work: () => Promise<T>): Promise<T>;
  /** Makes the copy for a snapshot otherwise; a database beside it when left out. */
  readonly copy?: (identifier: string, progress: CopyProgress) => Promise<void>;
}

/** What the stand-in for RDS knows as the laptop's own cluster. */
export type RdsClusterSource = EmbeddedCluster | ExternalCluster;

/** The ARN of something in the cluster's account and region. */
export const arnBeside = (
  { clusterArn }: RdsClusterSource,
  type: 'cluster' | 'cluster-snapshot' | 'db',
  identifier: string,
): string => [...clusterArn.split(':').slice(0, 5), type, identifier].join(':');

export const engineVersion = (source: RdsClusterSource): string =>
  source.kind === 'embedded' ? source.postgres.version : (source.engineVersion ?? '17');
