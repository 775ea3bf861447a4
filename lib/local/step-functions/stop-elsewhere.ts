import { SFNClient, StopExecutionCommand, type StopExecutionInput } from '@aws-sdk/client-sfn';
import type { ExecutionRecord } from './execution-record.ts';
import { ServiceError } from './service-error.ts';

/** Passes a stop on to the process that runs the execution, signed as that one wants it. @throws ServiceError */
export const stopElsewhere = async (runner: ExecutionRecord['runner'], input: StopExecutionInput): Promise<void> => {
  const { url, credentials } = runner;
  if (credentials === undefined) throw new ServiceError('ServiceUnavailable', 'the process that runs it has ended');
  const client = new SFNClient({ endpoint: url, region: 'local', credentials, maxAttempts: 1 });
  try {
    await client.send(new StopExecutionCommand(input), { abortSignal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const { name, message } = error as Error;
    throw new ServiceError(
      'ServiceUnavailable',
      `the process that runs it, at ${url}, did not stop it: ${name}: ${message}`,
    );
  } finally {
    client.destroy();
  }
};
