import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockkeeperError } from '../../errors/index.ts';
import { createRequestGuard, type Credentials, randomCredentials } from '../authentication/index.ts';
import { type Clock, systemClock } from '../states-language/index.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { ExecutionRunner, type RunnerOptions } from './execution-runner.ts';
import { ExecutionStore } from './execution-store.ts';
import { answer, type StatesFaults } from './http-protocol.ts';
import type { Machines } from './machines.ts';
import { createOperations, type Operations } from './operations.ts';
import { stopElsewhere } from './stop-elsewhere.ts';

export interface StepFunctionsOptions extends Omit<RunnerOptions, 'clock'> {
  /** Executions are kept under `executions/` in it; several processes may share it. */
  readonly directory: string;
  /** By ARN. */
  readonly machines: Machines;
  readonly clock?: Clock;
  /** What requests must be signed with; random ones when absent. */
  readonly credentials?: Credentials;
  /** Milliseconds since 1970, against which the date of a signature is held; the machine's, by which SDKs sign, when absent. */
  readonly now?: () => number;
  /** A free one when absent. */
  readonly port?: number;
  /** For tests: what happens to a call that comes over HTTP. */
  readonly faults?: StatesFaults;
}

/** A Step Functions for one machine: over HTTP for the SDK's client, and the same calls in this process. */
export interface StepFunctionsServer extends Operations {
  readonly url: string;
  /** What requests must be signed with. */
  readonly credentials: Credentials;
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
  credentials = randomCredentials(),
  now,
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
    credentials,
    stopElsewhere,
  });
  const guard = createRequestGuard({ credentials, service: 'states', now });
  const server = createServer((request, response) => void answer(operations, request, response, guard, faults, clock));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...operations,
    url,
    credentials,
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
