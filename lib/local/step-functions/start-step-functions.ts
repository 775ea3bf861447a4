import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockkeeperError } from '../../errors/index.ts';
import { type Clock, systemClock } from '../states-language/index.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { ExecutionRunner, type RunnerOptions } from './execution-runner.ts';
import { ExecutionStore } from './execution-store.ts';
import { answer, call, type StatesFaults } from './http-protocol.ts';
import type { Machines } from './machines.ts';
import { createOperations, type Operations } from './operations.ts';

export interface StepFunctionsOptions extends Omit<RunnerOptions, 'clock'> {
  /** Executions are kept under `executions/` in it; several processes may share it. */
  readonly directory: string;
  /** By ARN. */
  readonly machines: Machines;
  readonly clock?: Clock;
  /** A free one when absent. */
  readonly port?: number;
  /** For tests: what happens to a call that comes over HTTP. */
  readonly faults?: StatesFaults;
}

/** A Step Functions for one machine: over HTTP for the SDK's client, and the same calls in this process. */
export interface StepFunctionsServer extends Operations {
  readonly url: string;
  /** Resolves when an execution that runs in this process has ended and `onEnd` is through; null when it does not run here. */
  ended(executionArn: string): Promise<ExecutionRecord> | null;
  /** Aborts what runs in this process, waits for `onEnd`, and stops listening. */
  close(): Promise<void>;
}

/** @throws LockkeeperError `PortTaken` */
export const startStepFunctions = async ({
  directory,
  machines,
  clock = systemClock,
  port = 0,
  faults,
  ...rest
}: StepFunctionsOptions): Promise<StepFunctionsServer> => {
  let url = '';
  const store = new ExecutionStore(directory);
  const runner = new ExecutionRunner(store, { ...rest, clock });
  const operations = createOperations({
    machines,
    store,
    runner,
    clock,
    url: () => url,
    stopElsewhere: (where, input) => call(where, 'stopExecution', input),
  });
  const server = createServer((request, response) => void answer(operations, request, response, faults));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...operations,
    url,
    ended: (executionArn) => runner.ended(executionArn),
    async close() {
      await runner.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};

const listenError = (error: NodeJS.ErrnoException, port: number): Error =>
  error.code === 'EADDRINUSE'
    ? new LockkeeperError('PortTaken', `port ${port} for Step Functions is taken on 127.0.0.1`, { cause: error })
    : error;
