import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { LockkeeperError } from '../errors/index.ts';
import type { Executions } from '../workflow/ports.ts';

/**
 * Liveness of executions, asked of Step Functions
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
 * A description is eventually consistent; `PENDING_REDRIVE` counts as ended.
 */
export const stepFunctionsExecutions = (client: SFNClient = new SFNClient({})): Executions => ({
  isRunning: async (executionArn) => {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING';
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'ExecutionDoesNotExist' || name === 'InvalidArn') return false;
      if (name === 'AccessDeniedException') {
        throw new LockkeeperError('AccessDenied', `no permission for states:DescribeExecution on ${executionArn}`, {
          cause: error,
        });
      }
      throw new LockkeeperError(
        'Throttled',
        `could not ask Step Functions about ${executionArn}: ${name || 'no reply'}`,
        { cause: error },
      );
    }
  },
});
