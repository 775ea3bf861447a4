/** One migration of the bench: the same SQL for everyone. */
export interface BenchMigration {
  /** 14 digits. */
  readonly version: string;
  readonly name: string;
  /** One a call: the Data API takes no more. */
  readonly statements: readonly string[];
  /** False where a statement cannot run in a transaction. */
  readonly transactional: boolean;
}

/** Where everyone's calls go. */
export interface Surroundings {
  readonly dataApiUrl: string;
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly region: string;
  readonly migrations: readonly BenchMigration[];
  /** Address of a database's PostgreSQL, for who goes there directly. */
  postgresUrl(database: string): string;
  /** An empty directory of one's own. */
  readonly scratch: string;
}

/** Ready to begin on a database. */
export interface Ready {
  /** What is measured: applies what is pending, each time it is called. */
  apply(): Promise<void>;
  /** Name of the migration that an error of `apply` says failed, if it names one. */
  failedAt?(error: unknown): string | null;
  /** Data API calls so far, where they do not go to the bench's own. */
  calls?(): number;
  /** Leaves the database. */
  release?(): Promise<void>;
}

/** Someone who applies the migrations. */
export interface Contestant {
  /** `latencyMs` is for who brings a Data API of its own. */
  ready(database: string, latencyMs: number): Promise<Ready>;
  close?(): Promise<void>;
}

/** What a file in `peers/` exports. */
export interface Peer {
  readonly name: string;
  /** Whether a migration can run outside a transaction. */
  readonly concurrently: boolean;
  open(surroundings: Surroundings): Promise<Contestant>;
}

/** What the stand-in is told that requests are signed with. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
