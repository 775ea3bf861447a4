/** Where a PostgreSQL is and who logs in, as `pg` takes it: https://node-postgres.com/apis/client */
export interface ConnectionSettings {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  readonly ssl?: boolean | object | undefined;
  readonly application_name?: string | undefined;
  readonly options?: string | undefined;
}

/** A cluster that the stand-in answers for. */
export interface DataApiCluster {
  readonly resourceArn: string;
  readonly secretArn: string;
  /** How to reach its PostgreSQL; asked once for each database. `database` there is the one a request without a name means. */
  readonly connect: () => ConnectionSettings;
  /** The most sessions per database; further calls wait. 20 when left out. */
  readonly maxSessions?: number;
  /** How many stand ready as soon as there is one, so that two calls in a row can meet different ones; 2 when left out. */
  readonly readySessions?: number;
  /** Never when left out. */
  readonly autoPause?: AutoPauseSettings;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html */
export interface AutoPauseSettings {
  /** Without a call and a session in use. */
  readonly afterMs: number;
  /** From the first call after that; 15 s when left out. */
  readonly resumesInMs?: number;
}

/** What an operator, or a test, can do to a cluster. */
export interface ClusterCondition {
  /** Auto-paused: `true` until set to false, a number for so many calls. */
  readonly resuming?: boolean | number;
  readonly dataApiEnabled?: boolean;
  readonly hasInstance?: boolean;
  /** Every call is refused with this exception before anything runs; `false`, the default: none is. */
  readonly refuses?: false | Refusal;
}

/** Exceptions of the API's model that tell of something outside the database, which the stand-in has not. */
export type Refusal =
  | 'AccessDeniedException'
  | 'BadRequestException'
  | 'ForbiddenException'
  | 'InvalidResourceStateException'
  | 'InvalidSecretException';

/**
 * What becomes of the settings, temporary tables, prepared statements and session locks that a call leaves in its session: lost
 * when the session is given back, kept in it, or one of both as the seed has it, anew each time.
 */
export type SessionState = 'chance' | 'kept' | 'lost';

/** How procedures fare: as we believe of the service, or in one of the two ways that Lockkeeper works around. */
export type ProcedureSupport = 'commit' | 'no-commit' | 'no-row';
