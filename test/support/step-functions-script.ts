import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How an execution ends, once it has been described `after` times. */
export interface ScriptedEnd {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly after?: number;
}

export interface ScriptedStepFunctions {
  readonly endpoint: string;
  /** Every accepted start, in order. */
  readonly started: readonly { readonly name: string; readonly input: string }[];
  close(): Promise<void>;
}

const arn = (machine: string, name: string): string => `${machine.replace(':stateMachine:', ':execution:')}:${name}`;

/**
 * Step Functions as far as a starter sees it, over HTTP: `StartExecution` with unique names, `DescribeExecution`.
 * The n-th execution that is started ends as `ends[n]` says, the last entry for all after it.
 */
export const scriptedStepFunctions = async (
  ends: readonly ScriptedEnd[],
  startMs: number,
): Promise<ScriptedStepFunctions> => {
  const started: { name: string; input: string; machine: string; looks: number }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Record<string, string>;
    const reply = (code: number, answer: unknown): void => {
      response.writeHead(code, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    };
    if (String(request.headers['x-amz-target']).endsWith('.StartExecution')) {
      const { name = '', input = '', stateMachineArn = '' } = body;
      if (started.some((one) => one.name === name)) {
        return reply(400, {
          __type: 'com.amazonaws.stepfunctions#ExecutionAlreadyExists',
          message: `Execution Already Exists: '${name}'`,
        });
      }
      started.push({ name, input, machine: stateMachineArn, looks: 0 });
      return reply(200, { executionArn: arn(stateMachineArn, name), startDate: startMs / 1000 });
    }
    const index = started.findIndex((one) => arn(one.machine, one.name) === body['executionArn']);
    const execution = started[index];
    if (!execution) {
      return reply(400, {
        __type: 'com.amazonaws.stepfunctions#ExecutionDoesNotExist',
        message: 'Execution Does Not Exist',
      });
    }
    const { after = 0, ...end } = ends[Math.min(index, ends.length - 1)] ?? { status: 'RUNNING' };
    const common = { executionArn: body['executionArn'], startDate: startMs / 1000 };
    return reply(200, execution.looks++ < after ? { ...common, status: 'RUNNING' } : { ...common, ...end });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    started,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
};
