import type { WireParameter } from './parameters.ts';
import type { Operation } from './fault.ts';
import { notImitated, ServiceError, validation } from './service-error.ts';
import type { ReplyOptions } from './result.ts';

/** A request's body, of whichever operation. */
export interface RequestBody extends ReplyOptions {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly sql: string;
  readonly database?: string;
  readonly schema?: string;
  readonly parameters?: readonly WireParameter[];
  readonly parameterSets?: readonly (readonly WireParameter[])[];
  readonly transactionId?: string;
  readonly continueAfterTimeout?: boolean;
}

const common = ['resourceArn', 'secretArn'];
const members: Readonly<Record<Operation, readonly string[]>> = {
  ExecuteStatement: [
    ...common,
    'sql',
    'database',
    'schema',
    'parameters',
    'transactionId',
    'includeResultMetadata',
    'continueAfterTimeout',
    'resultSetOptions',
    'formatRecordsAs',
  ],
  BatchExecuteStatement: [...common, 'sql', 'database', 'schema', 'parameterSets', 'transactionId'],
  BeginTransaction: [...common, 'database', 'schema'],
  CommitTransaction: [...common, 'transactionId'],
  RollbackTransaction: [...common, 'transactionId'],
};
const required: Readonly<Record<Operation, readonly string[]>> = {
  ExecuteStatement: [...common, 'sql'],
  BatchExecuteStatement: [...common, 'sql'],
  BeginTransaction: common,
  CommitTransaction: [...common, 'transactionId'],
  RollbackTransaction: [...common, 'transactionId'],
};
/** Lengths by https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html */
const lengths: Readonly<Record<string, readonly [least: number, most: number]>> = {
  resourceArn: [11, 100],
  secretArn: [11, 100],
  sql: [0, 65_536],
  database: [0, 64],
  transactionId: [0, 192],
};

const broken = (member: string, what: string): ServiceError =>
  validation(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${what}`);

/** The body, checked as far as the API's model says. @throws ServiceError */
export const readBody = (operation: Operation, text: string): RequestBody => {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw Object.assign(new ServiceError('SerializationException', 400, 'the body is not JSON'), { cause });
  }
  for (const member of required[operation]) if (body[member] == null) throw broken(member, 'Member must not be null');
  for (const [member, value] of Object.entries(body)) {
    if (!members[operation].includes(member)) throw notImitated(`the member ${member} of ${operation}`);
    const length = lengths[member];
    if (length === undefined) continue;
    if (typeof value !== 'string') throw broken(member, 'Member must be a string');
    const characters = value.length > length[1] ? [...value].length : value.length;
    if (characters < length[0]) throw broken(member, `Member must have length greater than or equal to ${length[0]}`);
    if (characters > length[1]) throw broken(member, `Member must have length less than or equal to ${length[1]}`);
  }
  if (body['schema'] !== undefined) throw validation('The schema parameter is not supported.');
  return body as unknown as RequestBody;
};
