import { createRequire } from 'node:module';
import type { Json } from '../../lib/errors/index.ts';
import {
  type ExecutionEnd,
  type HistoryEvent,
  readDefinition,
  runExecution,
  type TaskRunner,
  VirtualClock,
} from '../../lib/local/states-language/index.ts';

/** The package points to declarations that it does not ship. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  errorsText(): string;
};

/** A definition of a test: JSONata, and the first state is where it starts. */
export const machine = (states: Record<string, object>, rest: object = {}): Json =>
  ({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...rest }) as unknown as Json;

export const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:work';

/** A task that hands its arguments to the test. */
export const task = (rest: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn,
  ...('Next' in rest ? {} : { End: true }),
  ...rest,
});

type Work = (sent: never, options: Parameters<TaskRunner['run']>[2]) => Json | Promise<Json>;

export interface Ran {
  readonly end: ExecutionEnd;
  readonly events: readonly HistoryEvent[];
  readonly clock: VirtualClock;
  /** How long it took in its own time. */
  readonly ms: number;
}

export const context = {
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:Test:one',
  executionName: 'one',
  roleArn: 'arn:aws:iam::123456789012:role/test',
  stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test',
  stateMachineName: 'Test',
};

const accepted = new Set<string>();

/** The validator takes a third of a second, so definitions that differ only in their expressions go to it once. */
const checkByValidator = (definition: Json): void => {
  const text = JSON.stringify(definition).replaceAll(/"\{% (?:[^"\\]|\\.)* %\}"/g, '"{% $states.input %}"');
  if (accepted.has(text)) return;
  const { isValid, errorsText } = aslValidator(JSON.parse(text));
  if (!isValid) throw new Error(`asl-validator refuses the definition: ${errorsText()}`);
  accepted.add(text);
};

/** Runs a definition that asl-validator accepts, in virtual time. */
export const run = async (
  definition: Json,
  {
    input = {},
    work = () => null,
    random = () => 0.5,
    signal,
    clock = new VirtualClock(),
  }: { input?: Json; work?: Work; random?: () => number; signal?: AbortSignal; clock?: VirtualClock } = {},
): Promise<Ran> => {
  checkByValidator(definition);
  const events: HistoryEvent[] = [];
  const begin = clock.now();
  const end = await runExecution({
    definition: readDefinition(definition),
    input,
    context,
    clock,
    random,
    tasks: { run: async (_resource, sent, options) => work(sent as never, options) },
    onEvent: (event) => events.push(event),
    ...(signal && { signal }),
  });
  return { end, events, clock, ms: clock.now() - begin };
};

/** The output of a run that has to succeed. */
export const outputOf = async (...values: Parameters<typeof run>): Promise<Json> => {
  const { end } = await run(...values);
  if (end.status !== 'SUCCEEDED') throw new Error(`ended ${JSON.stringify(end)}`);
  return end.output;
};
