import type { StateType } from './definition.ts';

/** Where in a definition an object stands. */
export type Place =
  'machine' | StateType | 'branch' | 'item processor' | 'processor config' | 'choice rule' | 'retrier' | 'catcher';

const leaving = ['Type', 'Comment', 'QueryLanguage', 'Next', 'End', 'Assign', 'Output'];
const handling = ['Retry', 'Catch'];

/** The fields that are understood, by where they stand. Every other field is refused by name. */
export const supportedFields: Readonly<Record<Place, readonly string[]>> = {
  machine: ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'],
  Task: [...leaving, ...handling, 'Resource', 'Arguments', 'TimeoutSeconds'],
  Parallel: [...leaving, ...handling, 'Branches', 'Arguments'],
  Map: [...leaving, ...handling, 'Items', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency'],
  Pass: leaving,
  Wait: [...leaving, 'Seconds', 'Timestamp'],
  Choice: ['Type', 'Comment', 'QueryLanguage', 'Choices', 'Default', 'Assign', 'Output'],
  Succeed: ['Type', 'Comment', 'QueryLanguage', 'Output'],
  Fail: ['Type', 'Comment', 'QueryLanguage', 'Error', 'Cause'],
  branch: ['Comment', 'StartAt', 'States'],
  'item processor': ['Comment', 'StartAt', 'States', 'ProcessorConfig'],
  'processor config': ['Mode'],
  'choice rule': ['Comment', 'Condition', 'Next', 'Assign', 'Output'],
  retrier: [
    'Comment',
    'ErrorEquals',
    'IntervalSeconds',
    'MaxAttempts',
    'BackoffRate',
    'MaxDelaySeconds',
    'JitterStrategy',
  ],
  catcher: ['Comment', 'ErrorEquals', 'Next', 'Assign', 'Output'],
};

const jsonPath = 'it belongs to JSONPath, and only JSONata is interpreted';
const distributed = 'it belongs to distributed maps, and only inline ones are interpreted';

/** Fields of the States Language that are refused, and why. */
export const refusedFields: Readonly<Record<string, string>> = {
  InputPath: jsonPath,
  OutputPath: jsonPath,
  ResultPath: jsonPath,
  ResultSelector: jsonPath,
  Parameters: jsonPath,
  Result: jsonPath,
  ItemsPath: jsonPath,
  SecondsPath: jsonPath,
  TimestampPath: jsonPath,
  TimeoutSecondsPath: jsonPath,
  HeartbeatSecondsPath: jsonPath,
  MaxConcurrencyPath: jsonPath,
  ErrorPath: jsonPath,
  CausePath: jsonPath,
  Variable: jsonPath,
  HeartbeatSeconds: 'it means something only for activities and task tokens, which are not imitated',
  Credentials: 'there are no roles to assume on the laptop',
  Iterator: 'it is the old name, use ItemProcessor',
  ItemReader: distributed,
  ItemBatcher: distributed,
  ResultWriter: distributed,
  Label: distributed,
  ToleratedFailureCount: distributed,
  ToleratedFailurePercentage: distributed,
  ToleratedFailureCountPath: distributed,
  ToleratedFailurePercentagePath: distributed,
};
