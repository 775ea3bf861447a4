import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rds from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import { stepFunctionsExecutions } from '../../lib/aws/executions.ts';
import {
  type DataApiRequest,
  type DataApiServer,
  type Disturbance,
  startDataApi,
} from '../../lib/local/data-api/index.ts';
import { localNames as names } from '../../lib/local/local-names.ts';
import { type RdsServer, startRds } from '../../lib/local/rds/index.ts';
import {
  createTaskRunner,
  type Definition,
  readDefinition,
  TaskError,
  type TaskRunner,
} from '../../lib/local/states-language/index.ts';
import {
  type StatesFault,
  startStepFunctions,
  type StepFunctionsServer,
} from '../../lib/local/step-functions/index.ts';
import { packageRoot } from '../../lib/project/package-root.ts';
import type { RunVerdict } from './checker.ts';
import { Disturber } from './disturber.ts';
import { Lambdas } from './lambdas.ts';
import { isPlain, type RunnerPlan } from './schedule.ts';
import { answerText, failureText } from './telling.ts';
import type { World } from './world.ts';

const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
const config = { region: names.region, credentials };

const definitions = new Map<string, Definition>();
const definitionOf = (
  machine: 'migrate' | 'rollback',
  tasks: TaskRunner,
  changed?: (text: string) => string,
): Definition => {
  const known = definitions.get(machine);
  if (known && !changed) return known;
  const file = join(packageRoot(), 'lib', 'local', 'definitions', `${machine}.asl.json`);
  const read = readDefinition((changed ?? ((text) => text))(readFileSync(file, 'utf8')), {
    substitutions: { DatabaseFunctionArn: names.databaseFunctionArn, ClusterIdentifier: names.clusterIdentifier },
    tasks,
  });
  if (!changed) definitions.set(machine, read);
  return read;
};

/** Tasks of one runner; an undisturbed run has 17. */
const endless = 400;

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

/** One runner with stand-ins of its own before the database that all of a world share: the deployed definition, the real handlers, real SDK clients. */
export interface Runner {
  name(): string;
  readonly dataApi: DataApiServer;
  readonly lambdas: Lambdas;
  readonly disturber: Disturber;
  readonly states: StepFunctionsServer;
  /** ARN of the execution; empty before it is started. */
  arn(): string;
  /** Starts the execution; resolves with how it ended, the finisher through. */
  run(): Promise<RunVerdict>;
  /** The same for another plan and under another name, with nothing disturbed any more. */
  runUndisturbed(name: string, plan: RunnerPlan): Promise<RunVerdict>;
  /** Aborts its execution: the one of `arn`, where that may have ended and another may have begun. */
  stop(arn?: string): Promise<void>;
  close(): Promise<void>;
}

export const openRunner = async (world: World, firstName: string, plan: RunnerPlan): Promise<Runner> => {
  const { clock, options } = world;
  let executionArn = '';
  let name = firstName;
  const disturber = new Disturber(world, name, plan.faults, () => runner);
  const dataApi = await startDataApi({
    credentials,
    clusters: [
      {
        resourceArn: names.clusterArn,
        secretArn: names.secretArn,
        connect: () => ({ connectionString: world.url, application_name: name }),
        maxSessions: 8,
        readySessions: isPlain(options.schedule) ? 1 : 2,
      },
    ],
    seed: options.schedule.seed,
    procedures: options.schedule.procedures,
    onRequest: (request: DataApiRequest): Promise<Disturbance | 'pass'> => disturber.onRequest(request),
  });
  const rdsServer: RdsServer = await startRds({
    credentials,
    cluster: {
      clusterArn: names.clusterArn,
      clusterIdentifier: names.clusterIdentifier,
      kind: 'external',
      url: world.url,
      withDrained: (work) => clock.during(() => world.withDrained(work)),
      ...(isPlain(options.schedule) && {
        copy: (identifier, { beforeEnd }) =>
          clock.during(async () => {
            await world.checker.keepRows(identifier);
            await beforeEnd();
          }),
      }),
    },
    directory: world.directory,
    faults: disturber.rdsFaults,
    snapshotTakesMs: plan.faults.some(({ service, kind }) => service === 'rds' && kind === 'slow') ? 60 : 0,
    log: (line) => world.trace(name, line),
  });
  const rdsClient = new rds.RDSClient({ ...config, endpoint: rdsServer.url, maxAttempts: 1 });
  let sfn: SFNClient | undefined;
  const lambdas = new Lambdas({
    dataApiUrl: dataApi.url,
    executions: {
      isRunning: (arn) =>
        stepFunctionsExecutions((sfn ??= new SFNClient({ ...config, endpoint: states.url }))).isRunning(arn),
    },
    database: world.database,
    manifest: world.manifest,
    now: () => clock.now(),
    ...(options.mutant?.maxAttempts !== undefined && { maxAttempts: options.mutant.maxAttempts }),
    ...(options.mutant?.tamper && { tamper: options.mutant.tamper }),
    onInvoke: (action) => disturber.onInvoke(action),
  });
  const inner = createTaskRunner({ lambda: lambdas, services: { rds: { client: rdsClient, exports: rds } } });
  const tasks: TaskRunner = {
    refusal: (...written) => inner.refusal?.(...written) ?? null,
    run: (resource, sent, task) =>
      clock.during(async () => {
        world.trace(name, `→ ${task.state}`);
        try {
          if (disturber.counts.task > endless) {
            world.checker.report('I8', `the runs go on without end: more than ${endless} tasks`, name);
            throw new TaskError('Endless', 'too many tasks');
          }
          const fault = disturber.onTask(task.state, task.signal);
          if (fault === 'error') throw new TaskError('Broken', 'the task failed by the schedule');
          const result = await inner.run(resource, sent, task);
          if (fault === 'timeout') await clock.aside(aborted(task.signal));
          if (fault === 'malformed') return { StatusCode: 200, Payload: { unexpected: true } };
          world.trace(name, `← ${task.state}: ${answerText(result)}`);
          return result;
        } catch (error) {
          world.trace(name, `← ${task.state} failed: ${failureText(error as Error)}`);
          throw error;
        } finally {
          await world.checker.step(`${name}, after ${task.state}`);
        }
      }),
  };
  const states = await startStepFunctions({
    credentials,
    directory: world.directory,
    machines: {
      [names.migrateArn]: {
        name: 'lockkeeper-local-Migrate',
        definition: definitionOf('migrate', tasks, options.mutant?.definition),
        roleArn: names.roleArn,
      },
      [names.rollbackArn]: {
        name: 'lockkeeper-local-Rollback',
        definition: definitionOf('rollback', tasks, options.mutant?.definition),
        roleArn: names.roleArn,
      },
    },
    tasks,
    clock,
    // EventBridge's asynchronous invocation is tried three times
    onEnd: (event) =>
      clock.during(async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            await lambdas.invoke(names.finisherFunctionArn, { ...event, detail: { ...event.detail } });
            return world.trace(name, 'finisher through');
          } catch (error) {
            world.trace(name, `finisher failed: ${(error as Error).message.slice(0, 120)}`);
            if (attempt === 3) return;
            await clock.aside(clock.sleep(60_000 * attempt));
          }
        }
      }),
    faults: (operation): Promise<StatesFault | undefined> => disturber.onStatesCall(operation),
  });
  const run = async ({ machine, input }: RunnerPlan): Promise<RunVerdict> => {
    const started = await states.startExecution({
      stateMachineArn: machine === 'Migrate' ? names.migrateArn : names.rollbackArn,
      name: `${name}-${world.database}`,
      input: JSON.stringify(input),
    });
    executionArn = started.executionArn ?? '';
    world.trace(name, `${machine} ${JSON.stringify(input)} started`);
    return ended(machine);
  };
  const ended = async (machine: RunnerPlan['machine']): Promise<RunVerdict> => {
    const end = await states.ended(executionArn);
    const verdict = {
      run: executionArn,
      machine,
      status: end?.status ?? 'LOST',
      error: end?.error,
      cause: end?.cause ?? '',
      output: JSON.parse(end?.output ?? '{}') as Record<string, unknown>,
    };
    world.trace(
      name,
      `ended ${verdict.status} ${verdict.error ?? ''} ${verdict.cause.replaceAll('\n', ' | ') || JSON.stringify(verdict.output)}`,
    );
    return verdict;
  };
  const runner: Runner = {
    name: () => name,
    dataApi,
    lambdas,
    disturber,
    states,
    arn: () => executionArn,
    async run() {
      const verdict = await run(plan);
      if (verdict.status !== 'ABORTED' || !plan.faults.some(({ kind }) => kind === 'redriven')) return verdict;
      world.trace(name, 'redriven');
      await states.redriveExecution({ executionArn });
      return ended(plan.machine);
    },
    runUndisturbed(another, other) {
      name = another;
      disturber.calm(another);
      return run(other);
    },
    async stop(arn = executionArn) {
      await states.stopExecution({ executionArn: arn, cause: 'by the schedule' });
    },
    async close() {
      await states.close();
      await rdsServer.close();
      await dataApi.close();
      await lambdas.close();
      rdsClient.destroy();
      sfn?.destroy();
    },
  };
  return runner;
};
