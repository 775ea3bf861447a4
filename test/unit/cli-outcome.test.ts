import { describe, expect, it } from 'vitest';
import { outcomeOfError } from '../../lib/cli/failure.ts';
import { outcomeOf } from '../../lib/cli/outcome.ts';
import { LockkeeperError, LockkeeperErrors } from '../../lib/errors/index.ts';

const late = (file: string): LockkeeperError => new LockkeeperError('MigrationLate', `${file} comes too late`);
const ended = { output: null, error: null, cause: null };

describe('what the end of an execution means', () => {
  it('succeeds with the message of the last state', () => {
    const output = '{"verdict":"done","message":"applied 2 migrations; the ledger stands at 20260102000000"}';
    const { exit, message, failure } = outcomeOf({ ...ended, status: 'SUCCEEDED', output });
    expect({ exit, message, failure }).toEqual({
      exit: 0,
      message: 'applied 2 migrations; the ledger stands at 20260102000000',
      failure: null,
    });
  });

  it('takes a failed run apart into what happened, what is true now and what to do', () => {
    const cause = [
      'x.sql:4: column "emial" does not exist (SQLSTATE 42703)',
      '  SELECT emial FROM users',
      '         ^',
      'now: this run applied 1; the ledger stands at 20260101000000; nothing is half done',
      'do: correct the migration (it was taken back whole), note it with: lockkeeper sum, and run again',
    ].join('\n');
    expect(outcomeOf({ ...ended, status: 'FAILED', error: 'MigrationFailed', cause })).toEqual({
      exit: 3,
      message: null,
      output: null,
      failure: {
        code: 'MigrationFailed',
        happened: 'x.sql:4: column "emial" does not exist (SQLSTATE 42703)\n  SELECT emial FROM users\n         ^',
        now: 'this run applied 1; the ledger stands at 20260101000000; nothing is half done',
        todo: 'correct the migration (it was taken back whole), note it with: lockkeeper sum, and run again',
        causes: [],
      },
    });
  });

  it.each([
    ['ApprovalNeeded', 5],
    ['StatementAloneFailed', 4],
    ['InputInvalid', 64],
    ['LeaseHeld', 5],
    ['SnapshotFailed', 3],
  ] as const)('exits on %s with %i, and takes the remedy from the table when the cause has none', (error, exit) => {
    const outcome = outcomeOf({ ...ended, status: 'FAILED', error, cause: 'something' });
    expect([outcome.exit, outcome.failure?.code, outcome.failure?.happened]).toEqual([exit, error, 'something']);
    expect(outcome.failure?.todo).not.toBe('');
  });

  it('calls an error that the table does not know unexpected, and names it', () => {
    const outcome = outcomeOf({ ...ended, status: 'FAILED', error: 'States.Runtime', cause: 'bad path' });
    expect([outcome.exit, outcome.failure?.code, outcome.failure?.happened]).toEqual([
      4,
      'Unexpected',
      'States.Runtime: bad path',
    ]);
  });

  it('says of a stopped and of a timed-out run that the next one continues', () => {
    const stopped = outcomeOf({ ...ended, status: 'ABORTED', cause: 'stopped by ann' });
    expect([stopped.exit, stopped.failure?.code, stopped.failure?.happened]).toEqual([
      3,
      'RunAborted',
      'the execution was stopped: stopped by ann',
    ]);
    const timedOut = outcomeOf({ ...ended, status: 'TIMED_OUT' });
    expect([timedOut.exit, timedOut.failure?.code]).toEqual([3, 'RunTimedOut']);
    expect(timedOut.failure?.todo).toBe('start it again; it continues where it stopped');
  });
});

describe('what a thrown error means', () => {
  it('gives every finding, each remedy once, and the causes', () => {
    const { exit, failure } = outcomeOfError(new LockkeeperErrors([late('a.sql'), late('b.sql')]));
    expect(exit).toBe(5);
    expect(failure).toEqual({
      code: 'MigrationLate',
      happened: 'a.sql comes too late\nb.sql comes too late',
      now: null,
      todo: 'give it a new timestamp with: lockkeeper rebase',
      causes: [],
    });
  });

  it('keeps a foreign error and its causes for --verbose, and calls it a fault', () => {
    const { exit, failure } = outcomeOfError(new TypeError('x is not a function', { cause: new Error('below') }));
    expect([exit, failure?.code, failure?.happened, failure?.causes[0]]).toEqual([
      4,
      'Unexpected',
      'TypeError: x is not a function',
      'Error: below',
    ]);
  });
});
