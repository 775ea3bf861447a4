import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonRefusals, type RequestGuard } from '../authentication/index.ts';
import { type ServiceFault, type ServiceFaults, serviceFaults, slowCallMs } from '../service-faults.ts';
import { type Clock, systemClock } from '../states-language/index.ts';
import type { Operations } from './operations.ts';
import { ServiceError } from './service-error.ts';

const target = /^AWSStepFunctions\.([A-Z][A-Za-z]+)$/;

/** Longest request that is read, in bytes: an input of 256 KiB, its quotes escaped, and its frame. */
const requestLimitBytes = 2 * 1024 * 1024;

export type StatesFault = ServiceFault;
/** Operations are named as the calls of the server, `describeExecution`. */
export type StatesFaults = ServiceFaults;

/**
 * Answers a request in AWS's JSON 1.0 protocol: the operation in a header, timestamps in seconds
 * (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html).
 */
export const answer = async (
  operations: Operations,
  request: IncomingMessage,
  response: ServerResponse,
  guard: RequestGuard,
  faults: StatesFaults = () => undefined,
  clock: Clock = systemClock,
): Promise<void> => {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body, timestamps));
  };
  try {
    const name = target.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
    const operation = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const body = await read(request);
    const refusal = guard(request, body);
    if (refusal !== null) throw new ServiceError(jsonRefusals[refusal.reason].name, refusal.message);
    if (!Object.hasOwn(operations, operation)) {
      throw new ServiceError(
        'UnknownOperationException',
        `the local Step Functions does not imitate ${name || 'this call'}`,
      );
    }
    const fault = await faults(operation);
    if (fault !== undefined && !serviceFaults.includes(fault))
      throw new Error(`unknown fault ${String(fault)}; known are ${serviceFaults.join(', ')}`);
    if (fault === 'refused') throw new ServiceError('ThrottlingException', 'Rate exceeded');
    if (fault === 'quota') throw quotaReached(operation);
    if (fault === 'slow') await clock.sleep(slowCallMs, new AbortController().signal);
    if (fault === 'request-lost') return void request.socket.destroy();
    const call = operations[operation as keyof Operations] as (input: unknown) => Promise<unknown>;
    const result = call(JSON.parse(body.toString('utf8') || '{}'));
    if (fault !== 'reply-lost') return send(200, await result);
    await result.catch(() => undefined);
    request.socket.destroy();
  } catch (error) {
    const known = error instanceof ServiceError;
    send(known ? 400 : 500, {
      __type: known ? error.name : 'InternalFailure',
      message: (error as Error).message,
    });
  }
};

/** The one quota that the API's errors name is of executions under way: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const quotaReached = (operation: string): ServiceError =>
  operation === 'startExecution' || operation === 'redriveExecution'
    ? new ServiceError('ExecutionLimitExceeded', 'The maximum number of running executions has been reached')
    : new ServiceError(
        'UnknownOperationException',
        `the local Step Functions does not imitate a quota of ${operation}`,
      );

/** `JSON.stringify` has made text of a Date before it asks: so look at the holder. */
function timestamps(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key];
  return held instanceof Date ? held.getTime() / 1000 : value;
}

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > requestLimitBytes)
      throw new ServiceError('ValidationException', `the request exceeds ${requestLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
