import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Action } from '../workflow/actions.ts';

/** A Task's call: one of our actions with what the state machine sends it, or an AWS service's. */
export type Call =
  | { readonly kind: 'action'; readonly action: Action; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly kind: 'service'; readonly resource: string; readonly parameters: Readonly<Record<string, unknown>> };

/** An object read from JSON text; undefined for everything else, as when an execution's data are not shown. */
export const parsedObject = (text: string | undefined): Record<string, unknown> | undefined => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'string'
    ? parsedObject(value)
    : typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;

const actionCall = (payload: Record<string, unknown> | undefined): Call | undefined =>
  typeof payload?.action === 'string' ? { kind: 'action', action: payload.action as Action, payload } : undefined;

/** The call that a scheduled Task makes; a Lambda is called by `lambda:invoke` or by its own ARN. */
export const scheduledCall = (event: HistoryEvent): Call | undefined => {
  const byArn = event.lambdaFunctionScheduledEventDetails;
  if (byArn) return actionCall(parsedObject(byArn.input));
  const task = event.taskScheduledEventDetails;
  if (!task) return undefined;
  const parameters = parsedObject(task.parameters) ?? {};
  if (task.resourceType === 'lambda') return actionCall(asObject(parameters.Payload));
  return { kind: 'service', resource: task.resource ?? '', parameters };
};

/** What a Task answered: for `lambda:invoke` the function's own answer. */
export const succeededOutput = (event: HistoryEvent): Record<string, unknown> | undefined => {
  const byArn = event.lambdaFunctionSucceededEventDetails;
  if (byArn) return parsedObject(byArn.output);
  const output = parsedObject(event.taskSucceededEventDetails?.output);
  return output && 'Payload' in output ? asObject(output.Payload) : output;
};

/** Error and message of a Task that failed or timed out. */
export const failedCall = (event: HistoryEvent): { readonly error: string; readonly message: string } | undefined => {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails;
  if (!details) return undefined;
  const cause = parsedObject(details.cause);
  const message = typeof cause?.errorMessage === 'string' ? cause.errorMessage : (details.cause ?? '');
  return { error: details.error ?? 'States.TaskFailed', message };
};
