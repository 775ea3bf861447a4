export { type Credentials, randomCredentials } from './credentials.ts';
export { jsonRefusals, queryRefusals } from './refusal-names.ts';
export { createRequestGuard, type GuardOptions, type RequestGuard } from './request-guard.ts';
