import pg from 'pg';
import type { ClusterCondition, ConnectionSettings, DataApiCluster, Refusal } from './cluster-facts.ts';
import { AutoPause } from './auto-pause.ts';
import type { Clock } from './clock.ts';
import { type Chances, SessionPool } from './pool.ts';
import { ServiceError } from './service-error.ts';
import { connectError } from './database-error-text.ts';
import type { Session } from './session.ts';

/** Status and text as https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html#API_ExecuteStatement_Errors has them. */
const refusals: Readonly<Record<Refusal, readonly [status: number, text: string]>> = {
  AccessDeniedException: [403, "You don't have sufficient access to perform this action."],
  BadRequestException: [400, 'There is an error in the call or in a SQL statement.'],
  ForbiddenException: [403, 'There are insufficient privileges to make the call.'],
  InvalidResourceStateException: [400, 'The resource is in an invalid state.'],
  InvalidSecretException: [400, "The Secrets Manager secret used with the request isn't valid."],
};

/** A cluster with its sessions. */
export class Cluster {
  readonly facts: DataApiCluster;
  readonly #chances: Chances;
  readonly #pools = new Map<string, SessionPool>();
  readonly #autoPause: AutoPause | undefined;
  #defaultDatabase: string | undefined;
  #condition: Required<ClusterCondition> = {
    resuming: false,
    dataApiEnabled: true,
    hasInstance: true,
    refuses: false,
  };

  constructor(facts: DataApiCluster, chances: Chances, clock: Clock) {
    this.facts = facts;
    this.#chances = chances;
    const busy = (): boolean => [...this.#pools.values()].some((pool) => pool.busy);
    this.#autoPause = facts.autoPause && new AutoPause(facts.autoPause, clock, busy);
  }

  set(condition: ClusterCondition): void {
    this.#condition = { ...this.#condition, ...condition };
  }

  /** Holds afterwards: the cluster takes calls with this secret. @throws ServiceError */
  admit(secretArn: string): void {
    const { resuming, dataApiEnabled, hasInstance, refuses } = this.#condition;
    if (!dataApiEnabled) throw endpointNotEnabled(this.facts.resourceArn);
    if (!hasInstance)
      throw new ServiceError('DatabaseNotFoundException', 404, 'The DB cluster does not have a DB instance.');
    if (refuses !== false) throw new ServiceError(refuses, ...refusals[refuses]);
    if (secretArn !== this.facts.secretArn)
      throw new ServiceError('SecretsErrorException', 400, "Secrets Manager can't find the specified secret.");
    if (this.#autoPause?.call() === false) throw resumingError();
    if (resuming === false || resuming === 0) return;
    if (typeof resuming === 'number') this.set({ resuming: resuming - 1 });
    throw resumingError();
  }

  /** The sessions of a database. */
  pool(database: string | undefined): SessionPool {
    const known = this.#pools.get(database ?? (this.#defaultDatabase ??= this.#config().database ?? 'postgres'));
    return known ?? this.#addPool(database ?? this.#defaultDatabase!);
  }

  #addPool(database: string): SessionPool {
    const { maxSessions: limit = 20, readySessions: ready = 2 } = this.facts;
    const pool = new SessionPool({ ...this.#config(), database }, { limit, ready }, this.#chances);
    this.#pools.set(database, pool);
    return pool;
  }

  #config(): pg.ClientConfig {
    return withoutUrl(this.facts.connect());
  }

  async close(): Promise<void> {
    this.#autoPause?.stop();
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}

/** The same connection without `connectionString`, whose database and options would win over ours. */
const withoutUrl = ({ connectionString, ...settings }: ConnectionSettings): pg.ClientConfig => {
  const config = settings as pg.ClientConfig;
  if (connectionString === undefined) return config;
  // pg reads the address when a client is made; nothing is connected.
  const { host, port, user, password, database, ssl, connectionParameters } = new pg.Client({
    connectionString,
  }) as pg.Client & { readonly connectionParameters: { readonly options?: string } };
  const options = [config.options, connectionParameters.options].filter(Boolean).join(' ');
  const read = { host, port, user, password, database, ssl, options };
  return { ...config, ...Object.fromEntries(Object.entries(read).filter(([, value]) => value != null)) };
};

/** Also the answer to an ARN that is no cluster's: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.troubleshooting.html */
export const endpointNotEnabled = (resourceArn: string): ServiceError =>
  new ServiceError('HttpEndpointNotEnabledException', 400, `HttpEndpoint is not enabled for cluster ${resourceArn}`);

export const resumingError = (): ServiceError =>
  new ServiceError(
    'DatabaseResumingException',
    400,
    'The Aurora DB instance is resuming after being auto-paused. Please wait a few seconds and try again.',
  );

/** A session of the pool. @throws ServiceError as the service answers when the writer is not there, or refuses the login */
export const sessionOf = async (pool: SessionPool): Promise<Session> => {
  try {
    return await pool.acquire();
  } catch (error) {
    throw connectError(error);
  }
};
