import { expect, test } from 'vitest';
import { holdersText, sessionsText } from '../../lib/workflow/session-text.ts';

const session = {
  pid: 7,
  ageSeconds: 75,
  application: 'report',
  state: 'idle in transaction',
  query: 'SELECT … FROM users',
};

test('each session is a line with pid, age, application, state and statement, and those beyond five are counted', () => {
  expect(
    sessionsText(
      'waits for:',
      Array.from({ length: 7 }, () => session),
    ).split('\n'),
  ).toEqual([
    'waits for:',
    ...Array.from({ length: 5 }, () => '  pid 7 (75 s, report, idle in transaction): SELECT … FROM users'),
    '  … and 2 more',
  ]);
});

test('what our role may not see is told as hidden, what is empty is left out', () => {
  const hidden = { pid: 8, ageSeconds: null, application: '', state: null, query: null };
  expect(sessionsText('waits for:', [hidden, { ...session, application: '', query: null }])).toBe(
    'waits for:\n  pid 8: state and statement are hidden from our role\n  pid 7 (75 s, idle in transaction)',
  );
});

test('a holder is told with its first three locks; a prepared transaction with where to look for it', () => {
  const locks = ['AccessShareLock on public.a', 'AccessShareLock on public.b', 'RowShareLock on public.c', 'x', 'y'];
  expect(
    holdersText('in its way:', [
      { session, locks },
      { session: null, locks: ['RowExclusiveLock on public.a'] },
    ]),
  ).toBe(
    [
      'in its way:',
      '  pid 7 (75 s, report, idle in transaction): SELECT … FROM users; it holds AccessShareLock on public.a, AccessShareLock on public.b, RowShareLock on public.c and 2 more',
      '  a prepared transaction, see pg_prepared_xacts; it holds RowExclusiveLock on public.a',
    ].join('\n'),
  );
});
