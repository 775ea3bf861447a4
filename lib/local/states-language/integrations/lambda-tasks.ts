import type { Json } from '../../../errors/index.ts';
import { FunctionError, type LambdaHost } from '../../lambda-host/index.ts';
import { TaskError } from '../states-error.ts';

const invokeFields = new Set(['FunctionName', 'Payload', 'InvocationType', 'Qualifier', 'ClientContext', 'LogType']);

/**
 * `arn:aws:states:::lambda:invoke`: the whole answer of the Invoke call, its payload parsed
 * (https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html). @throws TaskError
 */
export const invokeTask = async (host: LambdaHost, sent: Json): Promise<Json> => {
  const { FunctionName, Payload } = checkedArguments(sent);
  const { payload, requestId, executedVersion } = await invoke(host, FunctionName, Payload);
  return {
    ExecutedVersion: executedVersion,
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};

/** A function named by its ARN as the resource: the payload alone. @throws TaskError */
export const functionTask = async (host: LambdaHost, arn: string, sent: Json): Promise<Json> =>
  (await invoke(host, arn, sent)).payload;

/** Why `lambda:invoke` cannot take these arguments; null when it can. Expressions in them count as anything. */
export const invokeRefusal = (written: Json | undefined): string | null => {
  if (typeof written === 'string') return null;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return 'lambda:invoke needs Arguments';
  const fields = written as { readonly [key: string]: Json | undefined };
  const unknown = Object.keys(fields).find((field) => !invokeFields.has(field));
  if (unknown !== undefined) return `the field ${JSON.stringify(unknown)} is not supported by lambda:invoke`;
  const { FunctionName, InvocationType, Qualifier, ClientContext, LogType } = fields;
  if (typeof FunctionName !== 'string') return 'lambda:invoke needs a FunctionName';
  if (InvocationType !== undefined && InvocationType !== 'RequestResponse') {
    return `lambda:invoke with InvocationType ${JSON.stringify(InvocationType)} is not imitated, only RequestResponse`;
  }
  const ignored = Object.entries({ Qualifier, ClientContext, LogType }).find(([, value]) => value !== undefined);
  return ignored ? `the field ${ignored[0]} of lambda:invoke is not imitated` : null;
};

const checkedArguments = (sent: Json): { FunctionName: string; Payload: Json } => {
  const refusal = invokeRefusal(sent);
  if (refusal !== null) {
    throw new TaskError('States.Runtime', `The Arguments could not be used to start the Task: [${refusal}]`);
  }
  const { FunctionName, Payload } = sent as { FunctionName: string; Payload?: Json };
  return { FunctionName, Payload: Payload ?? {} };
};

const invoke = async (host: LambdaHost, name: string, sent: Json): ReturnType<NonNullableInvoke> => {
  try {
    const invocation = host.invoke(name, sent);
    if (invocation) return await invocation;
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new TaskError(error.failure.errorType, JSON.stringify(error.failure), { cause: error });
  }
  const cause = `Function not found: ${name} (Service: Lambda, Status Code: 404)`;
  throw new TaskError('Lambda.ResourceNotFoundException', cause);
};

type NonNullableInvoke = (...values: Parameters<LambdaHost['invoke']>) => NonNullable<ReturnType<LambdaHost['invoke']>>;
