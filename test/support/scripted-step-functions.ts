import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Script {
  /** Name → what executions of it tell. */
  readonly machines: Readonly<Record<string, readonly HistoryEvent[]>>;
  /** Events that a page holds. */
  readonly pageSize?: number;
  /** How many events of a history are there at first; each read shows as many more. All when left out. */
  readonly growBy?: number;
  /** The reads of histories, counted from 1, that answer with this HTTP status instead. */
  readonly failReads?: Readonly<Record<number, { readonly status: number; readonly name: string }>>;
  readonly running?: readonly string[];
}

export interface ScriptedStepFunctions {
  readonly url: string;
  /** Every call: its operation and what it was sent. */
  readonly calls: readonly { readonly operation: string; readonly input: Record<string, unknown> }[];
  close(): Promise<void>;
}

const prefix = 'arn:aws:states:eu-central-1:111122223333';

/** A Step Functions that plays histories written by hand, for what a real run is too slow or too seldom. */
export const openScriptedStepFunctions = async (script: Script): Promise<ScriptedStepFunctions> => {
  const calls: { operation: string; input: Record<string, unknown> }[] = [];
  const ended = new Map<string, HistoryEvent>();
  let reads = 0;
  const pageOf = (execution: string, token: string | undefined) => {
    const machine = execution.split(':').at(-2) ?? '';
    const stop = ended.get(execution);
    const all = [...(script.machines[machine] ?? []), ...(stop ? [stop] : [])];
    const there = script.growBy === undefined ? all : all.slice(0, stop ? all.length : script.growBy * reads);
    const size = script.pageSize ?? 1000;
    const from = Number(token ?? 0);
    const events = there
      .slice(from, from + size)
      .map((event) => Object.assign({}, event, { timestamp: (event.timestamp?.getTime() ?? 0) / 1000 }));
    return { events, ...(from + size < there.length ? { nextToken: String(from + size) } : {}) };
  };
  const reply = (operation: string, input: Record<string, unknown>): [number, unknown] => {
    const execution = String(input.executionArn);
    switch (operation) {
      case 'ListStateMachines':
        return [
          200,
          {
            stateMachines: Object.keys(script.machines).map((name) => ({
              name,
              stateMachineArn: `${prefix}:stateMachine:${name}`,
              type: 'STANDARD',
              creationDate: 0,
            })),
          },
        ];
      case 'StartExecution':
        return [
          200,
          {
            executionArn: `${String(input.stateMachineArn).replace(':stateMachine:', ':execution:')}:run-1`,
            startDate: 0,
          },
        ];
      case 'GetExecutionHistory': {
        reads += 1;
        const failure = script.failReads?.[reads];
        if (failure) return [failure.status, { __type: failure.name, message: failure.name }];
        return [200, pageOf(execution, input.nextToken as string | undefined)];
      }
      case 'ListExecutions':
        return [
          200,
          {
            executions: (script.running ?? [])
              .filter((arn) => arn.startsWith(String(input.stateMachineArn).replace(':stateMachine:', ':execution:')))
              .map((executionArn) => ({
                executionArn,
                stateMachineArn: input.stateMachineArn,
                name: 'x',
                status: 'RUNNING',
                startDate: 0,
              })),
          },
        ];
      case 'DescribeExecution':
        return script.running?.includes(execution)
          ? [200, { executionArn: execution, stateMachineArn: '', status: 'RUNNING', startDate: 0 }]
          : [400, { __type: 'ExecutionDoesNotExist', message: 'Execution Does Not Exist' }];
      case 'StopExecution':
        ended.set(execution, {
          id: 1_000_000,
          type: 'ExecutionAborted',
          timestamp: new Date(0),
          executionAbortedEventDetails: { cause: String(input.cause) },
        });
        return [200, { stopDate: 0 }];
      default:
        return [400, { __type: 'UnknownOperationException' }];
    }
  };
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const input = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
      calls.push({ operation, input });
      const [status, answer] = reply(operation, input);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
};
