import { expect, test } from 'vitest';
import { requested, rollbackGoal } from '../../lib/workflow/requested.ts';

const refusals = [
  [
    'up',
    { too: 1 },
    'the input of Migrate has the unknown key "too"; allowed keys: plan, approve, manifest, to, steps, doctor',
  ],
  [
    'down',
    { manifest: 'x' },
    'the input of Rollback has the unknown key "manifest"; allowed keys: plan, approve, to, steps, doctor',
  ],
  ['up', { to: '20260101000000', steps: 2 }, 'contradict'],
  ['up', { plan: true, approve: 'x' }, 'contradict'],
  ['up', { to: 'none' }, 'which only Rollback knows'],
  ['up', { to: 20260101000000 }, 'wrong value at "to"'],
  ['up', { to: '2026' }, 'wrong value at "to"'],
  ['down', { steps: 0 }, 'wrong value at "steps"'],
  ['down', { steps: '2' }, 'wrong value at "steps"'],
  ['up', { plan: 'yes' }, 'wrong value at "plan"'],
  ['up', { doctor: true, plan: true }, 'names both "doctor" and "plan", which contradict each other'],
  ['up', { doctor: true, steps: 1 }, 'names both "doctor" and "steps", which contradict each other'],
  ['up', { manifest: 'x', doctor: true }, 'names both "doctor" and "manifest", which contradict each other'],
  ['up', { doctor: false }, 'wrong value at "doctor"'],
  ['down', { doctor: true, to: 'none' }, 'names both "doctor" and "to", which contradict each other'],
  ['up', [], 'is not a JSON object'],
  ['up', null, 'is not a JSON object'],
  ['down', 'none', 'is not a JSON object'],
] as const;

test.each(refusals)('%s refuses %j', (direction, input, message) => {
  const answer = requested(input, direction);
  expect(answer).toMatchObject({ code: 'InputInvalid', message: expect.stringContaining(message) });
});

test('takes an empty input, and passes over what the console adds', () => {
  expect(requested({}, 'up')).toEqual({});
  expect(
    requested({ Comment: 'by hand', AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:x', steps: 2 }, 'down'),
  ).toEqual({ steps: 2 });
  expect(requested({ Comment: 'by hand', doctor: true }, 'up')).toEqual({ doctor: true });
});

test('a rollback without words is about the newest run', () => {
  expect(rollbackGoal({})).toEqual({ kind: 'run', run: null });
  expect(rollbackGoal({ to: 'none' })).toEqual({ kind: 'all' });
  expect(rollbackGoal({ to: '20260101000000' })).toEqual({ kind: 'to', version: '20260101000000' });
  expect(rollbackGoal({ steps: 3 })).toEqual({ kind: 'steps', steps: 3 });
});
