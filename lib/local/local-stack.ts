import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as rds from '@aws-sdk/client-rds';
import { createDataApiClient, dataApiDatabase } from '../dataapi/index.ts';
import type { Database } from '../ledger/database.ts';
import type { Manifest } from '../migration/manifest.ts';
import { packageRoot } from '../project/package-root.ts';
import { type Credentials, randomCredentials } from './authentication/index.ts';
import { type DataApiOptions, type DataApiServer, startDataApi } from './data-api/index.ts';
import { createLambdaHost, type LambdaHost } from './lambda-host/index.ts';
import { openLocalDirectory } from './local-directory.ts';
import { localNames as names } from './local-names.ts';
import { openTarget, type LocalTarget } from './local-target.ts';
import { type RdsOptions, startRds } from './rds/index.ts';
import { createTaskRunner } from './states-language/integrations/create-task-runner.ts';
import { type Clock, readDefinition } from './states-language/index.ts';
import { startStepFunctions, type StepFunctionsServer } from './step-functions/index.ts';

export interface LocalStackOptions {
  /** Where everything lies, e.g. `.lockkeeper`. */
  readonly directory: string;
  readonly manifest: Manifest;
  /** A PostgreSQL that somebody else runs; the embedded one when absent. */
  readonly databaseUrl?: string;
  readonly ports?: { readonly postgres?: number; readonly dataApi?: number };
  /** Each line that a handler logs. */
  readonly onLog?: (line: string) => void;
  /** For tests: what the stand-ins do to a call, and the clock of the state machines. */
  readonly dataApi?: Pick<DataApiOptions, 'latencyMs' | 'onRequest' | 'seed' | 'clock' | 'procedures'>;
  readonly rds?: Pick<RdsOptions, 'clock' | 'snapshotTakesMs' | 'faults'>;
  readonly clock?: Clock;
  readonly fsync?: boolean;
}

/** The deployed state machines and handlers on this machine, with loopback stand-ins for what AWS would give them. */
export interface LocalStack {
  readonly endpoints: { readonly rdsData: string; readonly rds: string; readonly states: string };
  readonly migrateArn: string;
  readonly rollbackArn: string;
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly databaseName: string;
  /** With the password in it: never to be logged. */
  readonly databaseUrl: string;
  readonly region: string;
  /** What requests to the endpoints must be signed with: others at every start, and never to be logged. */
  readonly credentials: Credentials;
  /** Through the Data API stand-in, like every handler. */
  readonly database: Database;
  readonly dataApi: DataApiServer;
  readonly states: StepFunctionsServer;
  readonly lambda: LambdaHost;
  close(): Promise<void>;
}

const functionTimeoutSeconds = 150;

/** The manifest as the functions read it, in a file named for its root. */
const writeManifest = (directory: string, manifest: Manifest): string => {
  const folder = join(directory, 'manifests');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${manifest.root}.json`);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(manifest));
  renameSync(`${file}.${process.pid}`, file);
  return file;
};

/** What closes in reverse order, each part also when another one fails to. */
class Closers {
  readonly #closers: (() => Promise<void>)[] = [];
  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close; close = this.#closers.pop())
      await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Opens everything that a run on this machine needs, on free loopback ports.
 * @throws LockkeeperError `PortTaken` · `DiskFull` · `DirectoryUnusable` · `PostgresFailed` · `DatabaseUnavailable` (a `databaseUrl` that does not answer)
 */
export const openLocalStack = async (options: LocalStackOptions): Promise<LocalStack> => {
  const closers = new Closers();
  try {
    return await open({ ...options, directory: resolve(options.directory) }, closers);
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
};

const open = async (options: LocalStackOptions, closers: Closers): Promise<LocalStack> => {
  const { directory, manifest, onLog } = options;
  openLocalDirectory(directory);
  const credentials = randomCredentials();
  const target: LocalTarget = await openTarget(options);
  closers.add(() => target.close());

  const dataApi = await startDataApi({
    clusters: [
      { resourceArn: names.clusterArn, secretArn: names.secretArn, connect: () => ({ connectionString: target.url }) },
    ],
    credentials,
    ...(options.ports?.dataApi !== undefined && { port: options.ports.dataApi }),
    ...options.dataApi,
  });
  closers.add(() => dataApi.close());

  const rdsServer = await startRds({
    cluster: target.rdsCluster((work) => dataApi.withDrained(names.clusterArn, target.databaseName, work)),
    directory,
    credentials,
    ...(onLog && { log: onLog }),
    ...options.rds,
  });
  closers.add(() => rdsServer.close());

  const bundles = join(packageRoot(), 'dist', 'lambda');
  let statesUrl = '';
  const env = {
    AWS_REGION: names.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_RDS_DATA: dataApi.url,
    AWS_LAMBDA_FUNCTION_NAME: 'lockkeeper-local',
    get AWS_ENDPOINT_URL_SFN() {
      return statesUrl;
    },
    LOCKKEEPER_MANIFEST: writeManifest(directory, manifest),
    LOCKKEEPER_CLUSTER_ARN: names.clusterArn,
    LOCKKEEPER_SECRET_ARN: names.secretArn,
    LOCKKEEPER_DATABASE: target.databaseName,
    LOCKKEEPER_SERVICE: names.service,
    LOCKKEEPER_LATE_CALL_MS: '3000',
    POWERTOOLS_DEV: 'false',
  };
  const lambda = createLambdaHost({
    functions: {
      [names.databaseFunctionArn]: {
        file: join(bundles, 'database.mjs'),
        handler: 'handler',
        env,
        timeoutSeconds: functionTimeoutSeconds,
      },
      [names.finisherFunctionArn]: {
        file: join(bundles, 'finisher.mjs'),
        handler: 'handler',
        env,
        timeoutSeconds: functionTimeoutSeconds,
      },
    },
    ...(onLog && { onLog: (line: string) => onLog(line) }),
  });
  closers.add(() => lambda.close());

  const rdsClient = new rds.RDSClient({ region: names.region, credentials, endpoint: rdsServer.url });
  closers.add(async () => rdsClient.destroy());
  const tasks = createTaskRunner({ lambda, services: { rds: { client: rdsClient, exports: rds } } });
  const definition = (machine: 'migrate' | 'rollback') =>
    readDefinition(readFileSync(join(packageRoot(), 'dist', 'definitions', `${machine}.asl.json`), 'utf8'), {
      substitutions: { DatabaseFunctionArn: names.databaseFunctionArn, ClusterIdentifier: names.clusterIdentifier },
      tasks,
    });
  const states = await startStepFunctions({
    directory,
    credentials,
    machines: {
      [names.migrateArn]: {
        name: 'lockkeeper-local-Migrate',
        definition: definition('migrate'),
        roleArn: names.roleArn,
      },
      [names.rollbackArn]: {
        name: 'lockkeeper-local-Rollback',
        definition: definition('rollback'),
        roleArn: names.roleArn,
      },
    },
    tasks,
    onEnd: async (event) => {
      await lambda.invoke(names.finisherFunctionArn, { ...event, detail: { ...event.detail } });
    },
    ...(options.clock && { clock: options.clock }),
  });
  statesUrl = states.url;
  closers.add(() => states.close());

  const client = createDataApiClient({ region: names.region, credentials, endpoint: dataApi.url });
  closers.add(async () => client.destroy());
  return {
    endpoints: { rdsData: dataApi.url, rds: rdsServer.url, states: states.url },
    migrateArn: names.migrateArn,
    rollbackArn: names.rollbackArn,
    clusterArn: names.clusterArn,
    secretArn: names.secretArn,
    databaseName: target.databaseName,
    databaseUrl: target.url,
    region: names.region,
    credentials,
    database: dataApiDatabase({
      client,
      resourceArn: names.clusterArn,
      secretArn: names.secretArn,
      database: target.databaseName,
    }),
    dataApi,
    states,
    lambda,
    close: () => closers.close(),
  };
};
