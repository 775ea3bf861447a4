import type { Json } from '../../../errors/index.ts';
import { TaskError } from '../states-error.ts';
import { exceptionName, servicePrefix } from './java-names.ts';
import { fromSdk, toSdk } from './sdk-casing.ts';
import { isModelledError, operationOf, type SdkSchema } from './sdk-schema.ts';

/** A client of the JavaScript SDK, with its package's exports (`import * as`), where its commands and schemas are. */
export interface SdkService {
  readonly client: { send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown> };
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly Command: new (input: unknown) => unknown;
  readonly input: SdkSchema;
  readonly output: SdkSchema;
}

const operationFor = ({ exports }: SdkService, action: string): Operation | null => {
  const name = action.charAt(0).toUpperCase() + action.slice(1);
  const schemas = /^[a-z]/.test(action) ? operationOf(exports, name) : null;
  const Command = exports[`${name}Command`] as Operation['Command'] | undefined;
  return schemas && Command ? { ...schemas, Command } : null;
};

/** Why a client cannot do this; null when it can. Expressions in the arguments count as anything. */
export const sdkRefusal = (service: SdkService, action: string, written: Json | undefined): string | null => {
  const operation = operationFor(service, action);
  if (!operation) return `there is no action ${JSON.stringify(action)}`;
  const refusals: string[] = [];
  toSdk(written ?? {}, operation.input, (why) => void refusals.push(why));
  return refusals[0] ?? null;
};

/** `arn:aws:states:::aws-sdk:<service>:<action>` by the real client. @throws TaskError */
export const sdkTask = async (
  name: string,
  service: SdkService,
  action: string,
  sent: Json,
  signal: AbortSignal,
): Promise<Json> => {
  const operation = operationFor(service, action);
  const refusal = sdkRefusal(service, action, sent);
  if (!operation || refusal !== null) {
    throw new TaskError('States.Runtime', `The Arguments could not be used to start the Task: [${refusal}]`);
  }
  const input = toSdk(sent, operation.input, () => {});
  try {
    const answer = await service.client.send(new operation.Command(input) as never, { abortSignal: signal });
    return fromSdk(answer, operation.output);
  } catch (error) {
    throw translated(name, service, error);
  }
};

interface ServiceFault extends Error {
  readonly $fault: string;
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
}

const isServiceFault = (error: unknown): error is ServiceFault => error instanceof Error && '$fault' in error;

const translated = (name: string, service: SdkService, error: unknown): TaskError => {
  const prefix = servicePrefix(name);
  const message = error instanceof Error ? error.message : String(error);
  if (!isServiceFault(error)) return new TaskError(`${prefix}.SdkClientException`, message, { cause: error });
  const exception = isModelledError(service.exports, error.name) ? exceptionName(error.name) : `${prefix}Exception`;
  const { httpStatusCode, requestId } = error.$metadata;
  const about = `Service: ${prefix}, Status Code: ${httpStatusCode ?? 0}, Request ID: ${requestId ?? 'none'}`;
  return new TaskError(`${prefix}.${exception}`, `${message} (${about})`, { cause: error });
};
