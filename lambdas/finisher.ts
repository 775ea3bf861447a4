import { z } from 'zod';
import { finishAbandoned } from '../lib/workflow/finish-abandoned.ts';
import { wire } from './wiring.ts';

/** EventBridge's "Step Functions Execution Status Change" (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html). */
const statusChange = z.object({
  detail: z.object({ executionArn: z.string().startsWith('arn:'), status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']) }),
});

let ports: ReturnType<typeof wire> | undefined;

/** Cleans up behind executions that could not do so themselves. */
export const handler = async (event: unknown): Promise<unknown> => {
  const { detail } = statusChange.parse(event);
  return finishAbandoned((ports ??= wire()), { run: detail.executionArn, status: detail.status });
};
