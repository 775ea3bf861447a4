import { expect, test } from 'vitest';
import { TaskError } from '../../lib/local/states-language/index.ts';
import { machine, outputOf, run, task } from '../support/states-language.ts';

const failing =
  (error: string, explanation = '') =>
  () =>
    Promise.reject(new TaskError(error, explanation));

const pauses = async (retry: object[], error: string | readonly string[] = 'Busy', random = () => 0.5) => {
  let attempt = 0;
  const work = () => failing(typeof error === 'string' ? error : (error[attempt++] ?? ''))();
  const { clock, end } = await run(machine({ Work: task({ Retry: retry }) }), { work, random });
  expect(end.status).toBe('FAILED');
  return clock.pauses.map((ms) => ms / 1000);
};

test('a retrier that names nothing tries three times more, after 1, 2 and 4 seconds', async () => {
  expect(await pauses([{ ErrorEquals: ['States.ALL'] }])).toEqual([1, 2, 4]);
});

test('BackoffRate multiplies and MaxDelaySeconds bounds', async () => {
  const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 5, MaxDelaySeconds: 8 };
  expect(await pauses([retry])).toEqual([3, 4.5, 6.75, 8, 8]);
});

test('full jitter draws each pause between nothing and the whole', async () => {
  const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 4, MaxAttempts: 3, JitterStrategy: 'FULL' };
  const drawn = [0, 0.25, 0.999];
  expect(await pauses([retry], 'Busy', () => drawn.shift() ?? 0)).toEqual([0, 2, 15.984]);
});

test('each retrier counts its own attempts, and one that is used up ends the retrying', async () => {
  const retry = [
    { ErrorEquals: ['A', 'B'], IntervalSeconds: 1, MaxAttempts: 2 },
    { ErrorEquals: ['C'], IntervalSeconds: 5 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 100 },
  ];
  expect(await pauses(retry, ['A', 'B', 'C', 'B'])).toEqual([1, 2, 5]);
});

test('MaxAttempts 0 never tries again', async () => {
  expect(await pauses([{ ErrorEquals: ['Busy'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }])).toEqual([]);
});

test('the number of retries is in $states.context, and a result after them succeeds', async () => {
  const states = machine({
    Work: task({
      Arguments: { count: '{% $states.context.State.RetryCount %}' },
      Retry: [{ ErrorEquals: ['Busy'] }],
      Output: '{% $states.context.State.RetryCount %}',
    }),
  });
  const counts: number[] = [];
  const work = ({ count }: { count: number }) => {
    counts.push(count);
    return count < 2 ? failing('Busy')() : null;
  };
  const { end } = await run(states, { work });
  expect(counts).toEqual([0, 1, 2]);
  expect(end).toEqual({ status: 'SUCCEEDED', output: 2 });
});

test('each failed attempt is in the history, without entering the state again', async () => {
  const states = machine({ Work: task({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }] }) });
  const { events } = await run(states, { work: failing('Busy', 'so') });
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionFailed',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionFailed',
    'ExecutionFailed',
  ]);
  expect(events[4]?.lambdaFunctionFailedEventDetails).toEqual({ error: 'Busy', cause: 'so' });
});

test('a Catch comes after the Retry is used up', async () => {
  const states = machine({
    Work: task({
      Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['Busy'], Next: 'Caught' }],
    }),
    Caught: { Type: 'Succeed' },
  });
  const { end, ms } = await run(states, { work: failing('Busy', 'still') });
  expect(end).toEqual({ status: 'SUCCEEDED', output: { Error: 'Busy', Cause: 'still' } });
  expect(ms).toBe(1000);
});

test('the first catcher that matches is taken, with its own Assign and Output over $states.errorOutput', async () => {
  const states = machine({
    Work: task({
      Assign: { from: 'the state' },
      Catch: [
        { ErrorEquals: ['Other'], Next: 'Wrong' },
        {
          ErrorEquals: ['Busy'],
          Next: 'Show',
          Assign: { from: 'the catcher', error: '{% $states.errorOutput %}' },
          Output: '{% $states.input %}',
        },
        { ErrorEquals: ['States.ALL'], Next: 'Wrong' },
      ],
      Next: 'Show',
    }),
    Wrong: { Type: 'Fail' },
    Show: { Type: 'Pass', Output: '{% [$from, $error, $states.input] %}', End: true },
  });
  expect(await outputOf(states, { input: { a: 1 }, work: failing('Busy', 'so') })).toEqual([
    'the catcher',
    { Error: 'Busy', Cause: 'so' },
    { a: 1 },
  ]);
});

test('States.TaskFailed matches every error of a task but States.Timeout', async () => {
  const states = machine({
    Work: task({ Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught' }] }),
    Caught: { Type: 'Succeed' },
  });
  expect((await run(states, { work: failing('Anything') })).end.status).toBe('SUCCEEDED');
  expect((await run(states, { work: failing('States.Timeout') })).end).toEqual({
    status: 'FAILED',
    error: 'States.Timeout',
  });
});

test('States.Runtime is neither retried nor caught', async () => {
  const states = machine({
    Work: task({
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'Caught' }],
    }),
    Caught: { Type: 'Succeed' },
  });
  const { end, ms } = await run(states, { work: failing('States.Runtime', 'no') });
  expect(end).toEqual({ status: 'FAILED', error: 'States.Runtime', cause: 'no' });
  expect(ms).toBe(0);
});

test('an expression that answers nothing fails its state, and Retry and Catch see it', async () => {
  const states = machine({
    Work: task({
      Output: { a: ['{% $states.result.missing %}'] },
      Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
    }),
    Caught: { Type: 'Succeed' },
  });
  const { end, events, ms } = await run(states);
  const cause =
    "An error occurred while executing the state 'Work' (entered at the event id #2). The JSONata expression " +
    "'$states.result.missing' specified for the field 'Output/a[0]' returned nothing (undefined).";
  expect(end).toEqual({ status: 'SUCCEEDED', output: { Error: 'States.QueryEvaluationError', Cause: cause } });
  expect(ms).toBe(1000);
  expect(events.find(({ type }) => type === 'EvaluationFailed')?.evaluationFailedEventDetails).toEqual({
    error: 'States.QueryEvaluationError',
    cause,
    location: 'Output/a[0]',
    state: 'Work',
  });
});

test('an error in a catcher’s own Output ends the run', async () => {
  const states = machine({
    Work: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught', Output: '{% $nothing %}' }] }),
    Caught: { Type: 'Succeed' },
  });
  expect((await run(states, { work: failing('Busy') })).end).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
  });
});

test('a variable that was never assigned is an evaluation error, not an empty value', async () => {
  const states = machine({ Show: { Type: 'Pass', Output: { a: '{% $unknown %}' }, End: true } });
  expect((await run(states)).end).toMatchObject({ error: 'States.QueryEvaluationError' });
});
