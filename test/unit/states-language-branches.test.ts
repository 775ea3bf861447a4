import { expect, test } from 'vitest';
import { TaskError } from '../../lib/local/states-language/index.ts';
import { machine, outputOf, run, task } from '../support/states-language.ts';

const branch = (states: Record<string, object>): object => ({ StartAt: Object.keys(states)[0], States: states });

const map = (states: Record<string, object>, rest: object = {}): object => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch(states) },
  ...('Next' in rest ? {} : { End: true }),
  ...rest,
});

test('a Map answers in the order of its items, however they end', async () => {
  const states = machine({
    Each: map(
      { Rest: { Type: 'Wait', Seconds: '{% $states.input %}', Output: '{% $states.input * 10 %}', End: true } },
      { Items: '{% $states.input.list %}' },
    ),
  });
  const { end, ms } = await run(states, { input: { list: [3, 1, 2] } });
  expect(end).toEqual({ status: 'SUCCEEDED', output: [30, 10, 20] });
  expect(ms).toBe(3000);
});

const sixRests = (most: number | string) =>
  machine({
    Each: map({ Rest: { Type: 'Wait', Seconds: 10, End: true } }, { Items: '{% [1..6] %}', MaxConcurrency: most }),
  });

test('MaxConcurrency bounds how many iterations run at once', async () => {
  expect((await run(sixRests(1))).ms).toBe(60_000);
  expect((await run(sixRests('{% 4 %}'))).ms).toBe(20_000);
  expect((await run(sixRests(0))).ms).toBe(10_000);
});

test('without a number at most 40 iterations run at once', async () => {
  const states = machine({ Each: map({ Rest: { Type: 'Wait', Seconds: 1, End: true } }, { Items: '{% [1..41] %}' }) });
  expect((await run(states)).ms).toBe(2000);
});

test('ItemSelector sees the item and its index, and the iteration too', async () => {
  const states = machine({
    Each: map(
      { Show: { Type: 'Pass', Output: '{% [$states.input, $states.context.Map.Item.Index] %}', End: true } },
      {
        ItemSelector: {
          all: '{% $states.input.all %}',
          value: '{% $states.context.Map.Item.Value %}',
          index: '{% $states.context.Map.Item.Index %}',
        },
        Items: ['a', '{% $states.input.second %}'],
      },
    ),
  });
  expect(await outputOf(states, { input: { all: 2, second: 'b' } })).toEqual([
    [{ all: 2, value: 'a', index: 0 }, 0],
    [{ all: 2, value: 'b', index: 1 }, 1],
  ]);
});

test('a Map over nothing answers an empty list, and over no list fails', async () => {
  const states = machine({ Each: map({ Never: { Type: 'Fail' } }, { Items: '{% $states.input.list %}' }) });
  expect(await outputOf(states, { input: { list: [] } })).toEqual([]);
  expect((await run(states, { input: { list: 7 } })).end).toMatchObject({ error: 'States.QueryEvaluationError' });
});

test('branches of a Parallel get its Arguments, and their outputs are its result', async () => {
  const states = machine({
    Both: {
      Type: 'Parallel',
      Arguments: { n: '{% $states.input.n + 1 %}' },
      Branches: [
        branch({ Left: { Type: 'Pass', Output: '{% $states.input.n %}', End: true } }),
        branch({ Right: { Type: 'Pass', Output: '{% $states.input.n * 2 %}', End: true } }),
      ],
      Output: '{% $sum($states.result) %}',
      End: true,
    },
  });
  expect(await outputOf(states, { input: { n: 1 } })).toBe(6);
});

test('a branch reads the variables outside it, and its own are gone when it ends', async () => {
  const inner = { Type: 'Pass', Assign: { own: '{% $outside & $string($states.input) %}' }, Next: 'Show' };
  const states = machine({
    Begin: { Type: 'Pass', Assign: { outside: 'o' }, Next: 'Each' },
    Each: map(
      { Set: inner, Show: { Type: 'Pass', Output: '{% $own %}', End: true } },
      { Items: [1, 2], Next: 'After' },
    ),
    After: { Type: 'Pass', Output: { before: '{% $states.input %}', own: '{% $exists($own) %}' }, End: true },
  });
  expect(await outputOf(states)).toEqual({ before: ['o1', 'o2'], own: false });
});

test('a Map in a Parallel in a Map keeps each its own items', async () => {
  const states = machine({
    Outer: map(
      {
        Both: {
          Type: 'Parallel',
          Branches: [
            branch({
              Inner: map(
                { Show: { Type: 'Pass', Output: '{% $states.input & $letter %}', End: true } },
                { Items: ['x', 'y'] },
              ),
            }),
            branch({ Index: { Type: 'Pass', Output: '{% $states.context.Map.Item.Index %}', End: true } }),
          ],
          End: true,
        },
        Letter: { Type: 'Pass', Assign: { letter: '{% $states.input %}' }, Next: 'Both' },
      },
      { Items: ['a', 'b'] },
    ),
  });
  const [outer] = Object.values((states as { States: Record<string, { ItemProcessor: { StartAt: string } }> }).States);
  if (outer) outer.ItemProcessor.StartAt = 'Letter';
  expect(await outputOf(states)).toEqual([
    [['xa', 'ya'], 0],
    [['xb', 'yb'], 1],
  ]);
});

test('an error in a branch is the error of the Parallel, and the other branches are cut', async () => {
  const states = machine({
    Both: {
      Type: 'Parallel',
      Branches: [
        branch({ Slow: { Type: 'Wait', Seconds: 3600, End: true } }),
        branch({
          Soon: { Type: 'Wait', Seconds: 5, Next: 'Stop' },
          Stop: { Type: 'Fail', Error: 'Broken', Cause: 'so' },
        }),
      ],
      Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught' }],
      End: true,
    },
    Caught: { Type: 'Succeed' },
  });
  const { end, ms, events } = await run(states);
  expect(end).toEqual({ status: 'SUCCEEDED', output: { Error: 'Broken', Cause: 'so' } });
  expect(ms).toBe(5000);
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'ParallelStateEntered',
    'ParallelStateStarted',
    'WaitStateEntered',
    'WaitStateEntered',
    'WaitStateExited',
    'FailStateEntered',
    'WaitStateAborted',
    'ParallelStateFailed',
    'ParallelStateExited',
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ]);
});

test('a failed iteration stops those that wait for their turn, and a Retry begins the Map anew', async () => {
  let calls = 0;
  const work = () => {
    calls += 1;
    return calls === 2 ? Promise.reject(new TaskError('Busy', '')) : calls;
  };
  const states = machine({
    Each: map({ Work: task() }, { Items: [1, 2, 3], MaxConcurrency: 1, Retry: [{ ErrorEquals: ['Busy'] }] }),
  });
  expect(await outputOf(states, { work })).toEqual([3, 4, 5]);
});

test('40 iterations that each wait and call a task raise no warning of too many listeners', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  const states = machine({
    Each: map(
      { Rest: { Type: 'Wait', Seconds: 1, Next: 'Work' }, Work: task({ TimeoutSeconds: 9 }) },
      { Items: '{% [1..40] %}' },
    ),
  });
  expect(await outputOf(states, { work: () => 1 })).toHaveLength(40);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
