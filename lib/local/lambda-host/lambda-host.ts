import { randomUUID } from 'node:crypto';
import type { Json } from '../../errors/index.ts';
import { FunctionWorker, type LambdaFunction } from './function-worker.ts';
import { FunctionError, type FunctionFailure, type InvocationResult, payloadLimitBytes } from './invocation.ts';

export interface LambdaHostOptions {
  /** By ARN. */
  readonly functions: Readonly<Record<string, LambdaFunction>>;
  /** Every line that a function writes to its output, and which function it was. */
  readonly onLog?: (line: string, functionArn: string) => void;
}

/** Runs functions as Lambda does: warm instances, one invocation at a time in each, as many as are needed. */
export interface LambdaHost {
  /**
   * `functionName` is an ARN, also with a version or alias behind it, or the function's name; null when nobody has it.
   * The promise rejects with `FunctionError` for all that goes wrong in the function.
   */
  invoke(functionName: string, payload: Json): Promise<InvocationResult> | null;
  /** Ends every instance of a function, or of all: what runs fails with `Lambda.Unknown`. */
  kill(functionName?: string): Promise<void>;
  close(): Promise<void>;
}

/** What Step Functions reports when it cannot tell why a function failed (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). */
const killed: FunctionFailure = { errorType: 'Lambda.Unknown', errorMessage: 'the function was killed' };

export const createLambdaHost = ({ functions, onLog = () => {} }: LambdaHostOptions): LambdaHost => {
  const idle = new Map<string, FunctionWorker[]>();
  const all = new Map<FunctionWorker, string>();
  let closed = false;

  const find = (name: string): string | null => {
    if (Object.hasOwn(functions, name)) return name;
    const whole = Object.keys(functions).find((arn) => arn.split(':')[6] === name || name.startsWith(`${arn}:`));
    return whole ?? null;
  };

  const take = (arn: string, definition: LambdaFunction): FunctionWorker => {
    for (let warm = idle.get(arn)?.pop(); warm; warm = idle.get(arn)?.pop()) if (warm.isAlive) return warm;
    const worker = new FunctionWorker(definition, (line) => onLog(line, arn));
    all.set(worker, arn);
    return worker;
  };

  const run = async (arn: string, payload: Json): Promise<InvocationResult> => {
    const definition = functions[arn] as LambdaFunction;
    const requestId = randomUUID();
    const event = within(JSON.stringify(payload), 'RequestTooLargeException', 'request');
    if (closed) throw new FunctionError(killed);
    const worker = take(arn, definition);
    const ms = definition.timeoutSeconds * 1000;
    const timer = setTimeout(() => void worker.kill(timedOut(requestId, definition.timeoutSeconds)), ms);
    try {
      const answer = await worker.invoke(requestId, event, contextOf(arn, requestId), Date.now() + ms);
      within(answer, 'Function.ResponseSizeTooLarge', 'response');
      return { payload: JSON.parse(answer) as Json, requestId, executedVersion: '$LATEST' };
    } finally {
      clearTimeout(timer);
      if (worker.isAlive) idle.set(arn, [...(idle.get(arn) ?? []), worker]);
      else all.delete(worker);
    }
  };

  const kill = async (name?: string): Promise<void> => {
    const arn = name === undefined ? null : find(name);
    const doomed = [...all].filter(([, owner]) => name === undefined || owner === arn).map(([worker]) => worker);
    for (const worker of doomed) all.delete(worker);
    await Promise.all(doomed.map((worker) => worker.kill(killed)));
  };

  return {
    invoke(name, payload) {
      const arn = find(name);
      return arn === null ? null : run(arn, payload);
    },
    kill,
    async close() {
      closed = true;
      await kill();
    },
  };
};

const within = (json: string, errorType: string, what: string): string => {
  const bytes = Buffer.byteLength(json);
  if (bytes <= payloadLimitBytes) return json;
  const errorMessage = `${what} payload size (${bytes} bytes) exceeded maximum allowed payload size (${payloadLimitBytes} bytes)`;
  throw new FunctionError({ errorType, errorMessage });
};

const timedOut = (requestId: string, seconds: number): FunctionFailure => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

/** The part of Lambda's context object that can be sent to a thread (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html). */
const contextOf = (arn: string, awsRequestId: string): object => {
  const functionName = arn.split(':')[6] ?? arn;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: '512',
    awsRequestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
  };
};
