import { LockkeeperError } from '../../errors/index.ts';
import type { ClusterCondition, DataApiCluster, ProcedureSupport, Refusal, SessionState } from './cluster-facts.ts';
import type { DataApiOptions } from './server.ts';

const options: readonly (keyof DataApiOptions)[] = [
  'clusters',
  'port',
  'clock',
  'credentials',
  'now',
  'seed',
  'sessionState',
  'latencyMs',
  'faults',
  'onRequest',
  'procedures',
];
const conditions: readonly (keyof ClusterCondition)[] = ['resuming', 'dataApiEnabled', 'hasInstance', 'refuses'];
const sessionStates: readonly SessionState[] = ['chance', 'kept', 'lost'];
const procedureSupports: readonly ProcedureSupport[] = ['commit', 'no-commit', 'no-row'];
const refusals: readonly (false | Refusal)[] = [
  false,
  'AccessDeniedException',
  'BadRequestException',
  'ForbiddenException',
  'InvalidResourceStateException',
  'InvalidSecretException',
];

const wrong = (what: string, found: unknown, expected: string): LockkeeperError =>
  new LockkeeperError('UsageInvalid', `the Data API's ${what} is ${String(found)}; expected ${expected}`);

const oneOf = (what: string, found: unknown, known: readonly unknown[]): void => {
  if (found !== undefined && !known.includes(found)) throw wrong(what, found, `one of ${known.join(', ')}`);
};

const keysOf = (what: string, given: object, known: readonly string[]): void => {
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw new LockkeeperError(
        'UsageInvalid',
        `the Data API has no ${what} named ${key}; known are ${known.join(', ')}`,
      );
};

const numberFrom = (what: string, found: unknown, least: number, most = Infinity): void => {
  if (found === undefined || (typeof found === 'number' && found >= least && found <= most)) return;
  const from = least === -Infinity ? 'a number' : `a number from ${least}`;
  throw wrong(what, found, most === Infinity ? from : `${from} to ${most}`);
};

/** @throws LockkeeperError `UsageInvalid` */
export const checkCluster = (cluster: DataApiCluster): void => {
  const { resourceArn, secretArn, connect } = cluster;
  if (typeof resourceArn !== 'string') throw wrong("cluster's resourceArn", resourceArn, 'its ARN');
  if (typeof secretArn !== 'string') throw wrong(`secretArn of ${resourceArn}`, secretArn, 'an ARN');
  if (typeof connect !== 'function')
    throw wrong(`connect of ${resourceArn}`, typeof connect, 'a function that says how to reach its PostgreSQL');
  numberFrom(`maxSessions of ${resourceArn}`, cluster.maxSessions, 1);
  if (cluster.autoPause !== undefined) {
    const { afterMs = null, resumesInMs } = cluster.autoPause;
    numberFrom(`autoPause.afterMs of ${resourceArn}`, afterMs, 0);
    numberFrom(`autoPause.resumesInMs of ${resourceArn}`, resumesInMs, 0);
  }
};

/** Holds afterwards: nothing that was asked for is passed over. @throws LockkeeperError `UsageInvalid` */
export const checkOptions = (given: DataApiOptions): void => {
  keysOf('option', given, options);
  const { clusters, faults } = given;
  if (!Array.isArray(clusters)) throw wrong('option clusters', clusters, 'a list');
  if (faults !== undefined && !Array.isArray(faults)) throw wrong('option faults', faults, 'a list');
  clusters.forEach((cluster: DataApiCluster, at) => {
    checkCluster(cluster);
    if (clusters.findIndex(({ resourceArn }) => resourceArn === cluster.resourceArn) < at)
      throw wrong('option clusters', `two of ${cluster.resourceArn}`, 'each once');
  });
  oneOf('option sessionState', given.sessionState, sessionStates);
  oneOf('option procedures', given.procedures, procedureSupports);
  numberFrom('option port', given.port, 0, 65_535);
  numberFrom('option seed', given.seed, -Infinity);
  numberFrom('option latencyMs', given.latencyMs, 0);
};

/** @throws LockkeeperError `UsageInvalid` */
export const checkCondition = (condition: ClusterCondition): void => {
  keysOf('condition', condition, conditions);
  oneOf('condition refuses', condition.refuses, refusals);
};
