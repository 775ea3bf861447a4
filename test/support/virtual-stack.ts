import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as rds from '@aws-sdk/client-rds';
import { type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import pg from 'pg';
import { stepFunctionsExecutions } from '../../lib/aws/executions.ts';
import type { Json } from '../../lib/errors/index.ts';
import { callLimitMs } from '../../lib/local/data-api/execution.ts';
import { type OnRequest, startDataApi } from '../../lib/local/data-api/index.ts';
import type { AutoPauseSettings } from '../../lib/local/data-api/cluster-facts.ts';
import type { InvocationResult } from '../../lib/local/lambda-host/index.ts';
import { localNames as names } from '../../lib/local/local-names.ts';
import { createTaskRunner, readDefinition, type TaskRunner } from '../../lib/local/states-language/index.ts';
import { startStepFunctions, type StepFunctionsServer } from '../../lib/local/step-functions/index.ts';
import type { Manifest } from '../../lib/migration/manifest.ts';
import { packageRoot } from '../../lib/project/package-root.ts';
import { Lambdas } from '../faults/lambdas.ts';
import type { RunEnd } from './local-run.ts';
import { dataApiClock, VirtualTime } from './virtual-time.ts';

const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
const config = { region: names.region, credentials };

/** One invocation of a function, in milliseconds of virtual time. */
export interface Invoked {
  readonly action: string;
  readonly from: number;
  readonly to: number;
}

export interface VirtualStackOptions {
  readonly manifest: Manifest;
  /** Address of a PostgreSQL database of the test's own. */
  readonly url: string;
  readonly autoPause?: AutoPauseSettings;
  readonly onRequest?: (stack: VirtualStack, request: Parameters<OnRequest>[0]) => ReturnType<OnRequest>;
  /** Called once a statement of ours is held up in PostgreSQL: from here on its call's time passes. */
  readonly onHeld?: (stack: VirtualStack) => void;
}

/** The deployed machines and the real handlers before a real PostgreSQL, all by one virtual clock. */
export interface VirtualStack {
  readonly time: VirtualTime;
  readonly states: StepFunctionsServer;
  /** In the order in which they ended. */
  readonly invoked: Invoked[];
  /** Data API calls so far. */
  calls(): number;
  start(machine: 'Migrate' | 'Rollback', input?: unknown): Promise<string>;
  end(executionArn: string): Promise<RunEnd>;
  run(machine: 'Migrate' | 'Rollback', input?: unknown): Promise<RunEnd>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** Statements of ours that are held up: a migration that sleeps until it gets an advisory lock, a build behind a transaction. */
const heldStatements =
  "select pid || ' ' || query_start as id from pg_stat_activity where datname = current_database() and application_name = 'virtual' and state = 'active' and wait_event in ('PgSleep', 'virtualxid')";

export const openVirtualStack = async (options: VirtualStackOptions): Promise<VirtualStack> => {
  const { manifest, url, onHeld } = options;
  const time = new VirtualTime();
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-test-'));
  const own = new pg.Pool({ connectionString: url, application_name: 'test', max: 2 });
  own.on('error', () => undefined);
  const known = new Set<string>();
  const invoked: Invoked[] = [];
  let watched = 0;
  let isAside = false;

  const backToWork = (): void => {
    watched = 0;
    if (isAside) time.enter();
    isAside = false;
  };
  const watch = async (index: number): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (watched !== index) return;
      const { rows } = await own.query<{ id: string }>(heldStatements);
      const fresh = rows.filter(({ id }) => !known.has(id));
      if (watched !== index) return;
      if (fresh.length === 0) continue;
      for (const { id } of fresh) known.add(id);
      watched = 0;
      isAside = true;
      onHeld?.(stack);
      return time.leave();
    }
  };

  const dataApi = await startDataApi({
    credentials,
    clusters: [
      {
        resourceArn: names.clusterArn,
        secretArn: names.secretArn,
        connect: () => ({ connectionString: url, application_name: 'virtual' }),
        ...(options.autoPause && { autoPause: options.autoPause }),
      },
    ],
    clock: dataApiClock(time, (ms) => ms === callLimitMs, backToWork),
    onRequest: (request) => {
      lambdas.sending.shift();
      backToWork();
      if (onHeld) {
        watched = request.index;
        void watch(request.index);
      }
      return options.onRequest?.(stack, request) ?? 'pass';
    },
  });
  const lambdas = new Lambdas({
    dataApiUrl: dataApi.url,
    executions: { isRunning: (arn) => stepFunctionsExecutions(sfn).isRunning(arn) },
    database: new URL(url).pathname.slice(1),
    manifest,
    now: () => time.now(),
    onInvoke: () => 'pass',
  });
  const invoke = (name: string, payload: Json): Promise<InvocationResult> =>
    time.during(async () => {
      const from = time.now();
      try {
        return (await lambdas.invoke(name, payload))!;
      } finally {
        backToWork();
        invoked.push({ action: (payload as { action?: string }).action ?? 'finisher', from, to: time.now() });
      }
    });
  const rdsClient = new rds.RDSClient({ ...config, endpoint: 'http://127.0.0.1:9' });
  const tasks: TaskRunner = createTaskRunner({
    lambda: { invoke, kill: () => lambdas.kill(), close: () => lambdas.close() },
    services: { rds: { client: rdsClient, exports: rds } },
  });
  const machine = (name: 'migrate' | 'rollback') => ({
    name: name === 'migrate' ? 'lockkeeper-local-Migrate' : 'lockkeeper-local-Rollback',
    roleArn: names.roleArn,
    definition: readDefinition(
      readFileSync(join(packageRoot(), 'lib', 'local', 'definitions', `${name}.asl.json`), 'utf8'),
      {
        substitutions: { DatabaseFunctionArn: names.databaseFunctionArn, ClusterIdentifier: names.clusterIdentifier },
        tasks,
      },
    ),
  });
  const states = await startStepFunctions({
    credentials,
    directory,
    machines: { [names.migrateArn]: machine('migrate'), [names.rollbackArn]: machine('rollback') },
    tasks,
    clock: time,
    onEnd: async (event) => {
      await invoke(names.finisherFunctionArn, { ...event, detail: { ...event.detail } });
    },
  });
  const sfn = new SFNClient({ ...config, endpoint: states.url });

  const stack: VirtualStack = {
    time,
    states,
    invoked,
    calls: () => Object.values(dataApi.calls).reduce((sum, count) => sum + count, 0),
    async start(name, input = {}) {
      const stateMachineArn = name === 'Migrate' ? names.migrateArn : names.rollbackArn;
      const { executionArn } = await states.startExecution({ stateMachineArn, input: JSON.stringify(input) });
      return executionArn ?? '';
    },
    async end(executionArn) {
      await states.ended(executionArn);
      const { status, output, error, cause } = await states.describeExecution({ executionArn });
      return {
        status: status ?? '',
        output: JSON.parse(output ?? '{}') as Record<string, unknown>,
        error,
        cause: cause ?? '',
        arn: executionArn,
      };
    },
    run: async (name, input) => stack.end(await stack.start(name, input)),
    async history(executionArn) {
      const events: HistoryEvent[] = [];
      for (let nextToken: string | undefined; ;) {
        const page = await states.getExecutionHistory({ executionArn, maxResults: 1000, nextToken });
        events.push(...(page.events ?? []));
        nextToken = page.nextToken;
        if (nextToken === undefined) return events;
      }
    },
    query: async <Row extends pg.QueryResultRow>(sql: string) => (await own.query<Row>(sql)).rows,
    async close() {
      backToWork();
      await states.close();
      await dataApi.close();
      await lambdas.close();
      rdsClient.destroy();
      sfn.destroy();
      await own.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return stack;
};
