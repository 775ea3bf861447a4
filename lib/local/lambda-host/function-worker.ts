import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FunctionError, type FunctionFailure } from './invocation.ts';
import { workerSource } from './worker-source.ts';

export interface LambdaFunction {
  /** Path of an ES module. */
  readonly file: string;
  /** Name of the export. */
  readonly handler: string;
  /** The whole environment, but for PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}

interface Answer {
  readonly id: string;
  readonly payload?: string;
  readonly failure?: FunctionFailure;
}

/** One warm instance of a function: a thread of its own, one invocation at a time. */
export class FunctionWorker {
  readonly #worker: Worker;
  readonly #gone: Promise<FunctionFailure>;
  #dead = false;
  #why: FunctionFailure | null = null;

  constructor({ file, handler, env }: LambdaFunction, onLine: (line: string) => void) {
    this.#worker = new Worker(workerSource, {
      eval: true,
      env: { ...env, ...(process.env.PATH !== undefined && { PATH: process.env.PATH }) },
      workerData: { url: pathToFileURL(file).href, file, handler },
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr] satisfies Readable[]) {
      createInterface({ input: stream }).on('line', onLine);
    }
    this.#gone = new Promise((resolve) => {
      this.#worker.once('error', (error) => this.#end(resolve, failureOf(error)));
      this.#worker.once('exit', (status) => this.#end(resolve, exited(status)));
    });
  }

  get isAlive(): boolean {
    return !this.#dead;
  }

  /** The answer as JSON text. @throws FunctionError */
  async invoke(id: string, event: string, context: object, deadlineMs: number): Promise<string> {
    const stop = new AbortController();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    this.#worker.postMessage({ id, event, context, deadlineMs });
    this.#worker.ref();
    try {
      const answered = once(this.#worker, 'message', { signal: stop.signal }) as Promise<[Answer]>;
      answered.catch(() => {});
      const answer = await Promise.race([
        answered.then(([found]) => found),
        this.#gone.then((failure) => ({ id, failure })),
      ]);
      if (answer.failure) throw new FunctionError(answer.failure);
      return (answer as Answer).payload ?? 'null';
    } finally {
      stop.abort();
      // an idle instance does not keep the process alive
      this.#worker.unref();
    }
  }

  /** Ends it at once; what runs in it fails with `why`. */
  async kill(why: FunctionFailure): Promise<void> {
    this.#why ??= why;
    this.#dead = true;
    await this.#worker.terminate();
  }

  #end(resolve: (failure: FunctionFailure) => void, failure: FunctionFailure): void {
    this.#dead = true;
    resolve(this.#why ?? failure);
  }
}

const exited = (status: number): FunctionFailure => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: Runtime exited with error: exit status ${status}`,
});

const failureOf = (error: Error): FunctionFailure => ({
  errorType: error.name,
  errorMessage: error.message,
  trace: (error.stack ?? '').split('\n'),
});
