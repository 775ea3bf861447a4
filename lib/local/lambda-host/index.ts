export type { LambdaFunction } from './function-worker.ts';
export { FunctionError, type FunctionFailure, type InvocationResult } from './invocation.ts';
export { createLambdaHost, type LambdaHost, type LambdaHostOptions } from './lambda-host.ts';
