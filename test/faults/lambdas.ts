import { createDataApiClient, dataApiDatabase } from '../../lib/dataapi/index.ts';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import type { Json } from '../../lib/errors/index.ts';
import type { Database } from '../../lib/ledger/database.ts';
import { Ledger } from '../../lib/ledger/ledger.ts';
import { FunctionError, type LambdaHost } from '../../lib/local/lambda-host/index.ts';
import { localNames as names } from '../../lib/local/local-names.ts';
import type { Manifest } from '../../lib/migration/manifest.ts';
import { finishAbandoned } from '../../lib/workflow/finish-abandoned.ts';
import type { Executions, Ports } from '../../lib/workflow/ports.ts';
import { runAction } from '../../lib/workflow/run-action.ts';

const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };

/** A way to take a rule out of the ports: a mutant. */
export type Tamper = (ports: Ports) => Ports;

export interface LambdasOptions {
  readonly dataApiUrl: string;
  readonly executions: Executions;
  readonly database: string;
  readonly manifest: Manifest;
  readonly now: () => number;
  /** The SDK's attempts; the code's own when absent. */
  readonly maxAttempts?: number;
  readonly tamper?: Tamper;
  /** Asked before each invocation. */
  readonly onInvoke: (action: string) => 'pass' | 'twice' | 'reply-lost' | 'throttled';
}

/** One invocation: what it calls stops when it is killed. */
export class Invocation {
  readonly action: string;
  readonly gone: Promise<never>;
  dead = false;
  /** Set to kill it once the call that runs has been answered. */
  doomed = false;
  /** Its Task gave it up, or it was held back: what it sends is a duplicate. */
  stray = false;
  #reject: (error: Error) => void = () => undefined;

  constructor(action: string) {
    this.action = action;
    this.gone = new Promise((_, reject) => (this.#reject = reject));
    this.gone.catch(() => undefined);
  }

  kill(): void {
    this.dead = true;
    this.#reject(new FunctionError({ errorType: 'Lambda.Unknown', errorMessage: 'the function was killed' }));
  }
}

const never = new Promise<never>(() => undefined);

/** The handlers in this process, wired as lambdas/wiring.ts does; an invocation can be killed at any of its calls. */
export class Lambdas implements LambdaHost {
  /** Invocations whose next request is on its way, in the order of sending. */
  readonly sending: Invocation[] = [];
  readonly #options: LambdasOptions;
  readonly #client: RDSDataClient;
  readonly #active = new Set<Promise<unknown>>();

  constructor(options: LambdasOptions) {
    this.#options = options;
    const config = { region: names.region, credentials, endpoint: options.dataApiUrl };
    this.#client =
      options.maxAttempts === undefined
        ? createDataApiClient(config)
        : new RDSDataClient({ ...config, maxAttempts: options.maxAttempts });
  }

  #ports(invocation: Invocation): Ports {
    const { manifest, now, executions, database, tamper = (ports) => ports } = this.#options;
    const inner = dataApiDatabase({
      client: this.#client,
      resourceArn: names.clusterArn,
      secretArn: names.secretArn,
      database,
    });
    const wrapped: Database = {
      query: async (...request) => {
        if (invocation.dead) return never;
        this.sending.push(invocation);
        try {
          return await inner.query(...request);
        } finally {
          if (invocation.doomed) invocation.kill();
          // oxlint-disable-next-line no-unsafe-finally -- what was killed does not go on
          if (invocation.dead) return await never;
        }
      },
    };
    const quiet = { info: () => undefined, error: () => undefined, measure: () => undefined };
    return tamper({
      manifest,
      ledger: new Ledger(wrapped, manifest.settings.ledgerSchema),
      database: wrapped,
      executions,
      telemetry: quiet,
      clock: { now },
      lateCallMs: 240_000,
      service: names.service,
    });
  }

  async #perform(functionArn: string, payload: Json, invocation: Invocation): Promise<Json> {
    const ports = this.#ports(invocation);
    if (functionArn === names.databaseFunctionArn) return (await runAction(ports, payload)) as unknown as Json;
    const { detail } = payload as { detail: { executionArn: string; status: 'FAILED' | 'TIMED_OUT' | 'ABORTED' } };
    return (await finishAbandoned(ports, { run: detail.executionArn, status: detail.status })) as unknown as Json;
  }

  async #once(functionArn: string, payload: Json, action: string): Promise<Json> {
    const invocation = new Invocation(action);
    const work = this.#perform(functionArn, payload, invocation);
    this.#active.add(work);
    void work.catch(() => undefined).finally(() => this.#active.delete(work));
    void invocation.gone.catch(() => this.#active.delete(work));
    try {
      const result = await Promise.race([work, invocation.gone]);
      return JSON.parse(JSON.stringify(result)) as Json;
    } catch (error) {
      if (error instanceof FunctionError) throw error;
      const { name, message } = error as Error;
      throw new FunctionError({
        errorType: name,
        errorMessage: message,
        trace: ((error as Error).stack ?? '').split('\n'),
      });
    }
  }

  async #run(
    functionArn: string,
    payload: Json,
  ): Promise<{ payload: Json; requestId: string; executedVersion: string }> {
    const action = (payload as { action?: string }).action ?? 'finisher';
    const what = this.#options.onInvoke(action);
    if (what === 'throttled')
      throw new FunctionError({ errorType: 'Lambda.TooManyRequestsException', errorMessage: 'Rate Exceeded.' });
    const twin = what === 'twice' ? this.#once(functionArn, payload, action).catch(() => undefined) : undefined;
    const answer = await this.#once(functionArn, payload, action);
    await twin;
    if (what === 'reply-lost') throw new FunctionError({ errorType: 'Lambda.Unknown', errorMessage: 'no reply' });
    return { payload: answer, requestId: 'x', executedVersion: '$LATEST' };
  }

  invoke(functionName: string, payload: Json): ReturnType<LambdaHost['invoke']> {
    return this.#run(functionName, payload);
  }

  /** Resolves when nothing that was begun goes on any more. */
  async idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled(this.#active);
  }

  async kill(): Promise<void> {}
  async close(): Promise<void> {
    this.#client.destroy();
  }
}
