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

/** What may stand in members that are no free text, by the same page. */
const choices: Readonly<Record<string, readonly string[]>> = {
  formatRecordsAs: ['NONE', 'JSON'],
  decimalReturnType: ['STRING', 'DOUBLE_OR_LONG'],
  longReturnType: ['STRING', 'LONG'],
};
const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  includeResultMetadata: (value) => typeof value === 'boolean',
  continueAfterTimeout: (value) => typeof value === 'boolean',
  parameters: (value) => Array.isArray(value) && value.every(isObject),
  parameterSets: (value) => Array.isArray(value) && value.every((set) => Array.isArray(set) && set.every(isObject)),
  resultSetOptions: (value) => isObject(value),
};
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws ServiceError */
const checkKinds = (body: object): void => {
  for (const [member, value] of Object.entries(body) as [string, unknown][]) {
    if (kinds[member]?.(value) === false)
      throw new ServiceError('SerializationException', 400, `the member ${member} is of another type`);
    const allowed = choices[member];
    if (allowed !== undefined && !allowed.includes(value as string))
      throw broken(member, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
    if (member !== 'resultSetOptions') continue;
    for (const option of Object.keys(value as object))
      if (choices[option] === undefined) throw notImitated(`the member resultSetOptions.${option}`);
    checkKinds(value as object);
  }
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
  if (!isObject(body)) throw new ServiceError('SerializationException', 400, 'the body is not a JSON object');
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
  checkKinds(body);
  if (body['schema'] !== undefined) throw validation('The schema parameter is not supported.');
  return body as unknown as RequestBody;
};
