import { expect, test } from 'vitest';
import { ExecutionStopped, TaskError } from '../../lib/local/states-language/index.ts';
import { machine, outputOf, run, task } from '../support/states-language.ts';

const pass = (rest: object): object => ({ Type: 'Pass', ...rest });

test('a state that writes no Output passes its input on', async () => {
  const states = machine({ A: pass({ Next: 'B' }), B: { Type: 'Succeed' } });
  expect(await outputOf(states, { input: { a: 1 } })).toEqual({ a: 1 });
});

test('every expression of a state sees the variables as they were when it was entered', async () => {
  const states = machine({
    First: pass({ Assign: { a: 1, b: 2 }, Next: 'Swap' }),
    Swap: pass({ Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% [$a, $b] %}', Next: 'Show' }),
    Show: pass({ Output: { before: '{% $states.input %}', now: '{% [$a, $b] %}' }, End: true }),
  });
  expect(await outputOf(states)).toEqual({ before: [1, 2], now: [2, 1] });
});

test('a Choice takes the first rule that holds, with the Assign and Output of that rule', async () => {
  const states = machine({
    Which: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Show', Assign: { size: 'large' } },
        {
          Condition: '{% $states.input.n > 5 %}',
          Next: 'Show',
          Assign: { size: 'middle' },
          Output: "{% 'from the rule' %}",
        },
      ],
      Default: 'Show',
      Assign: { size: 'small' },
      Output: "{% 'from the default' %}",
    },
    Show: pass({ Output: '{% [$size, $states.input] %}', End: true }),
  });
  expect(await outputOf(states, { input: { n: 11 } })).toEqual(['large', { n: 11 }]);
  expect(await outputOf(states, { input: { n: 7 } })).toEqual(['middle', 'from the rule']);
  expect(await outputOf(states, { input: { n: 1 } })).toEqual(['small', 'from the default']);
});

test('a Choice without a rule that holds and without Default fails as States.NoChoiceMatched', async () => {
  const states = machine({
    Which: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Done' }] },
    Done: { Type: 'Succeed' },
  });
  expect((await run(states)).end).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
});

test('a Condition that answers no boolean fails as States.QueryEvaluationError', async () => {
  const states = machine({
    Which: { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'Done' }], Default: 'Done' },
    Done: { Type: 'Succeed' },
  });
  expect((await run(states)).end).toEqual({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
    cause:
      "An error occurred while executing the state 'Which' (entered at the event id #2). The JSONata expression ''yes'' " +
      "specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string'.",
  });
});

const wait = (field: object) => machine({ Rest: { Type: 'Wait', ...field, End: true } });

test('Wait sleeps for its Seconds, or until its Timestamp, or not at all when that is past', async () => {
  expect((await run(wait({ Seconds: 90 }))).ms).toBe(90_000);
  expect((await run(wait({ Seconds: '{% $states.input.s %}' }), { input: { s: 7 } })).ms).toBe(7000);
  expect((await run(wait({ Timestamp: '2026-01-01T01:00:00Z' }))).ms).toBe(3_600_000);
  expect((await run(wait({ Timestamp: '2020-01-01T00:00:00Z' }))).ms).toBe(0);
  const negative = await run(wait({ Seconds: '{% -1 %}' }));
  expect(negative.end).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
});

test('Fail ends the run with the error and cause that its expressions give', async () => {
  const states = machine({
    Stop: { Type: 'Fail', Error: '{% $states.input.code %}', Cause: "{% 'because ' & $states.input.why %}" },
  });
  expect((await run(states, { input: { code: 'LeaseHeld', why: 'it is' } })).end).toEqual({
    status: 'FAILED',
    error: 'LeaseHeld',
    cause: 'because it is',
  });
});

test('a Task sends its Arguments and its result is there for Output and Assign', async () => {
  const states = machine({
    Work: task({
      Arguments: { n: '{% $states.input.n + 1 %}', fixed: ['a', '{% $states.input.n %}'] },
      Assign: { got: '{% $states.result.n %}' },
      Output: '{% $states.result.n * 2 %}',
      Next: 'Show',
    }),
    Show: pass({ Output: '{% [$got, $states.input] %}', End: true }),
  });
  const sent: unknown[] = [];
  const work = (each: { n: number }) => {
    sent.push(each);
    return { n: each.n * 10 };
  };
  expect(await outputOf(states, { input: { n: 1 }, work })).toEqual([20, 40]);
  expect(sent).toEqual([{ n: 2, fixed: ['a', 1] }]);
});

test('$states.context tells of the execution, the machine and the state', async () => {
  const states = machine({ Look: pass({ Output: '{% $states.context %}', End: true }) });
  expect(await outputOf(states, { input: { a: 1 } })).toEqual({
    Execution: {
      Id: 'arn:aws:states:eu-west-1:123456789012:execution:Test:one',
      Input: { a: 1 },
      Name: 'one',
      RoleArn: 'arn:aws:iam::123456789012:role/test',
      StartTime: '2026-01-01T00:00:00.000Z',
      RedriveCount: 0,
    },
    StateMachine: { Id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:Test', Name: 'Test' },
    State: { Name: 'Look', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
  });
});

test('a stop in the middle of a Wait ends the run at once as ABORTED, with what the stop said', async () => {
  const stop = new AbortController();
  const states = machine({
    Work: task({ Next: 'Rest' }),
    Rest: { Type: 'Wait', Seconds: 3600, End: true },
  });
  const { end, events, ms } = await run(states, {
    signal: stop.signal,
    work: () => {
      setImmediate(() => stop.abort(new ExecutionStopped('Operator', 'enough')));
      return null;
    },
  });
  expect(end).toEqual({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
  expect(ms).toBe(0);
  expect(events.slice(-3).map(({ type }) => type)).toEqual([
    'WaitStateEntered',
    'WaitStateAborted',
    'ExecutionAborted',
  ]);
});

test('a stop while a task hangs does not wait for the task, and tells it by its signal', async () => {
  const stop = new AbortController();
  let told: unknown;
  const { end } = await run(machine({ Work: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Work' }] }) }), {
    signal: stop.signal,
    work: (_sent, { signal }) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      setImmediate(() => stop.abort(new ExecutionStopped()));
      return new Promise(() => {});
    },
  });
  expect(end).toEqual({ status: 'ABORTED' });
  expect(told).toBeInstanceOf(Error);
});

test('an execution that was stopped before it began runs nothing', async () => {
  const { end, events } = await run(machine({ Work: task() }), { signal: AbortSignal.abort(new ExecutionStopped()) });
  expect(end).toEqual({ status: 'ABORTED' });
  expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'ExecutionAborted']);
});

test('the machine’s TimeoutSeconds ends the run as TIMED_OUT, and no Catch sees it', async () => {
  const states = machine(
    {
      Work: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    },
    { TimeoutSeconds: 60 },
  );
  const { end, ms, events } = await run(states, { work: () => new Promise(() => {}) });
  expect(end).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout' });
  expect(ms).toBe(60_000);
  expect(events.slice(-2).map(({ type, previousEventId }) => [type, previousEventId])).toEqual([
    ['LambdaFunctionStarted', 3],
    ['ExecutionTimedOut', 0],
  ]);
});

const caught = (error: string, rest: object = {}) =>
  machine({
    Work: task({ Catch: [{ ErrorEquals: [error], Next: 'Caught' }], ...rest }),
    Caught: pass({ End: true }),
  });

const hang = () => new Promise<null>(() => {});
const tooLong = () => 'x'.repeat(262_144 - 1);
const breaks = () => Promise.reject(new TypeError('broken'));
const refuses = () => Promise.reject(new TaskError('LockTimeout', '{}'));

test('a Task’s TimeoutSeconds is States.Timeout, which Catch names and States.TaskFailed does not match', async () => {
  const limited = { TimeoutSeconds: '{% 2 * 15 %}' };
  const { end, ms } = await run(caught('States.Timeout', limited), { work: hang });
  expect(end).toEqual({ status: 'SUCCEEDED', output: { Error: 'States.Timeout' } });
  expect(ms).toBe(30_000);
  expect((await run(caught('States.TaskFailed', limited), { work: hang })).end).toEqual({
    status: 'FAILED',
    error: 'States.Timeout',
  });
});

test('an output above 256 KiB is States.DataLimitExceeded, which States.ALL does not catch and its own name does', async () => {
  expect((await run(caught('States.ALL'), { work: tooLong })).end).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
  });
  expect(await outputOf(caught('States.DataLimitExceeded'), { work: tooLong })).toMatchObject({
    Error: 'States.DataLimitExceeded',
  });
  expect(await outputOf(caught('States.ALL'), { work: () => 'x'.repeat(262_144 - 2) })).toHaveLength(262_142);
});

test('an Output of any state above 256 KiB fails the run', async () => {
  const states = machine({ Double: pass({ Output: '{% $states.input & $states.input %}', End: true }) });
  expect((await run(states, { input: 'x'.repeat(131_072) })).end).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
  });
  expect(await outputOf(states, { input: 'é'.repeat(65_535) })).toHaveLength(131_070);
  expect((await run(states, { input: 'é'.repeat(65_536) })).end.status).toBe('FAILED');
});

test('a run that would write more than 25,000 events fails, past every Catch', async () => {
  const states = machine({
    Count: pass({ Assign: { n: '{% $states.input.n %}' }, Next: 'Again' }),
    Again: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }], Default: 'Count' },
    End: { Type: 'Succeed' },
  });
  const { end, events } = await run(states, { input: { n: 1 } });
  expect(end).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
  expect(events).toHaveLength(25_000);
});

test('a task that throws something else than a TaskError is States.TaskFailed', async () => {
  expect((await run(machine({ Work: task() }), { work: breaks })).end).toEqual({
    status: 'FAILED',
    error: 'States.TaskFailed',
    cause: 'broken',
  });
  expect((await run(machine({ Work: task() }), { work: refuses })).end).toEqual({
    status: 'FAILED',
    error: 'LockTimeout',
    cause: '{}',
  });
});
