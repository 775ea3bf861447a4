import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import pg from 'pg';
import { afterEach } from 'vitest';
import { openLocalStack, type LocalStack, type LocalStackOptions } from '../../lib/local/local-stack.ts';

export interface RunEnd {
  readonly status: string;
  readonly output: Record<string, unknown>;
  readonly error: string | undefined;
  readonly cause: string;
  readonly arn: string;
}

/** A stack in a directory of its own, and what a test does with it. */
export interface LocalRun {
  readonly stack: LocalStack;
  readonly directory: string;
  start(machine: 'Migrate' | 'Rollback', input?: unknown): Promise<string>;
  end(executionArn: string): Promise<RunEnd>;
  run(machine: 'Migrate' | 'Rollback', input?: unknown): Promise<RunEnd>;
  states(executionArn: string): Promise<string[]>;
  /** Data API calls so far. */
  calls(): number;
  query<T extends pg.QueryResultRow>(sql: string): Promise<T[]>;
  close(): Promise<void>;
}

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'lockkeeper-test-'));

const allEvents = async (client: SFNClient, executionArn: string): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
};

/** Opens a stack; `directory` shared with another one makes two runners on one database. */
export const openLocalRun = async (
  options: Omit<LocalStackOptions, 'directory'> & { readonly directory?: string },
): Promise<LocalRun> => {
  const directory = options.directory ?? temporaryDirectory();
  const stack = await openLocalStack({ fsync: false, ...options, directory });
  const client = new SFNClient({
    region: 'local',
    endpoint: stack.endpoints.states,
    credentials: stack.credentials,
  });
  const start: LocalRun['start'] = async (machine, input = {}) => {
    const stateMachineArn = machine === 'Migrate' ? stack.migrateArn : stack.rollbackArn;
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    return executionArn ?? '';
  };
  const end: LocalRun['end'] = async (executionArn) => {
    for (;;) {
      const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') {
        return {
          status: status ?? '',
          output: JSON.parse(output ?? '{}') as Record<string, unknown>,
          error,
          cause: cause ?? '',
          arn: executionArn,
        };
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    stack,
    directory,
    start,
    end,
    run: async (machine, input) => end(await start(machine, input)),
    states: async (executionArn) =>
      (await allEvents(client, executionArn)).flatMap(
        ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
      ),
    calls: () => Object.values(stack.dataApi.calls).reduce((sum, count) => sum + count, 0),
    query: async <T extends pg.QueryResultRow>(sql: string) => {
      const connection = new pg.Client({ connectionString: stack.databaseUrl });
      await connection.connect();
      try {
        return (await connection.query<T>(sql)).rows;
      } finally {
        await connection.end();
      }
    },
    close: async () => {
      client.destroy();
      await stack.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Opens runs that are closed, the newest first, when the test is over. */
export const useLocalRuns = (): typeof openLocalRun => {
  const opened: LocalRun[] = [];
  afterEach(async () => {
    for (const run of opened.splice(0).toReversed()) await run.close();
  });
  return async (options) => {
    const run = await openLocalRun(options);
    opened.push(run);
    return run;
  };
};
