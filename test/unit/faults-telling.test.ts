import { expect, test } from 'vitest';
import type { Seen } from '../faults/invariants.ts';
import type { Schedule } from '../faults/schedule.ts';
import { answerText, brief, failureText, runnerOf, scheduleText, standingText } from '../faults/telling.ts';

const arn = 'arn:aws:states:local:000000000000:execution:lockkeeper-local-Migrate:r2-case_17';
const entry = (version: string, state: string) => ({ version, state }) as Seen['entries'][number];

test('a run is called by its runner', () => {
  expect([runnerOf(arn), runnerOf(null)]).toEqual(['r2', 'nobody']);
});

test.for([
  ['/* lockkeeper x */ CALL "lockkeeper".take_steps(:a)', 'take_steps'],
  ['SELECT * FROM "lockkeeper".read_standing(:a)', 'read_standing'],
  [
    'SELECT a.pid FROM pg_catalog.pg_stat_activity a CROSS JOIN pg_catalog.unnest(ARRAY[1]) n JOIN "lockkeeper".lease l ON true',
    'SELECT from pg_stat_activity, lease',
  ],
  ['SELECT pg_catalog.to_regclass(:index)', 'SELECT pg_catalog.to_regclass(:index)'],
  [
    '/* lockkeeper x */ CREATE INDEX CONCURRENTLY account_note_idx ON app.account (note)',
    'CREATE INDEX CONCURRENTLY account_note_idx ON app.account (n',
  ],
] as const)('%s is told as %s', ([sql, told]) => {
  expect(brief(sql)).toBe(told);
});

test('a Task’s answer is told without digests, and its failure by its message', () => {
  expect(answerText({ Payload: { count: 2, digest: 'abc', steps: [{ version: '1', name: 'a' }], last: null } })).toBe(
    '{"count":2,"steps":["1"]}',
  );
  expect(answerText({ SdkHttpMetadata: {} })).toBe('done');
  const lambda = JSON.stringify({ errorType: 'LeaseLost', errorMessage: 'another run took over', trace: ['at x'] });
  expect(failureText(new Error(`LeaseLost: ${lambda}`))).toBe('LeaseLost: another run took over');
  expect(failureText(new Error('the task failed by the schedule'))).toBe('Error the task failed by the schedule');
});

test('where the ledger stands is a line', () => {
  const seen = { events: [], facts: {} as Seen['facts'] };
  const entries = [
    entry('20250101000100', 'applied'),
    entry('20250101000200', 'applied'),
    entry('20250101000400', 'reverting'),
  ];
  expect(standingText({ ...seen, lease: { token: 6, holder: arn }, entries })).toBe(
    'token 6, held by r2; applied 0100 0200; reverting 0400',
  );
  expect(standingText({ ...seen, lease: { token: 7, holder: null }, entries: [] })).toBe('token 7, free');
  expect(standingText({ ...seen, lease: { token: 0, holder: null }, entries: [] })).toBe('not installed');
});

test('a schedule is told in words', () => {
  const schedule: Schedule = {
    seed: 3_000_007,
    part: 'runners',
    start: 'installed',
    changelog: 'good',
    procedures: 'no-row',
    runners: [
      { machine: 'Migrate', input: {}, faults: [{ service: 'data', call: 4, kind: 'reply-lost' }] },
      { machine: 'Rollback', input: { to: 'none' }, faults: [], startsAtCall: 9 },
    ],
    interleaving: { before: 3, until: 5, aborted: true },
  };
  expect(scheduleText(schedule)).toBe(
    `seed 3000007 (runners); the ledger is installed; procedures: no-row
  r1  Migrate {}: reply-lost at call 4 of data
  r2  Rollback {"to":"none"}, begins at call 9 of r1: undisturbed
  r1 waits before its call 3, aborted, until r2 has made 5 calls or has ended`,
  );
});
