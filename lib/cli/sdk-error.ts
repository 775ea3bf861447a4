import { type ErrorCode, LockkeeperError } from '../errors/index.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ExecutionDoesNotExist: 'ExecutionUnknown',
  InvalidArn: 'ExecutionUnknown',
  AccessDeniedException: 'AccessDenied',
  KmsAccessDeniedException: 'AccessDenied',
  InvalidExecutionInput: 'InputInvalid',
  ThrottlingException: 'Throttled',
};

/** An error of Step Functions or of the SDK in our words; ours pass unchanged. */
export const sdkError = (error: unknown): LockkeeperError => {
  if (error instanceof LockkeeperError) return error;
  const { name = 'Error', message = '', code } = error as { name?: string; message?: string; code?: string };
  const what = message === '' ? (code ?? name) : message;
  return new LockkeeperError(codes[name] ?? 'StackUnusable', `Step Functions cannot be asked: ${what}`, {
    cause: error,
  });
};

/** @throws LockkeeperError instead of the SDK's own errors. */
export const translated = async <T>(reply: Promise<T>): Promise<T> => {
  try {
    return await reply;
  } catch (error) {
    throw sdkError(error);
  }
};
