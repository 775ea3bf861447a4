import { errorTable, isErrorCode } from '../errors/index.ts';
import { parsedObject } from './event-payload.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import type { Failure, ResultLine } from './line.ts';
import type { RunEnd } from './run-end.ts';

/** A command's last word, before it is printed. */
export type Outcome = Omit<ResultLine, 'type'>;

export const done = (message: string | null, output: unknown = null, exit: ExitCode = exitCodes.done): Outcome => ({
  exit,
  message,
  failure: null,
  output,
});

export const refused = (exit: ExitCode, failure: Failure): Outcome => ({
  exit,
  message: null,
  failure,
  output: null,
});

/** A failed run's Cause: what happened in one or more lines, then `now: …` and `do: …`. */
const readCause = (cause: string): { happened: string; now: string | null; todo: string | null } => {
  const lines = cause.split('\n');
  const lastOf = (mark: string): number => lines.findLastIndex((line) => line.startsWith(mark));
  const [nowAt, doAt] = [lastOf('now: '), lastOf('do: ')];
  const after = (at: number, mark: string): string | null => (at < 0 ? null : (lines[at] ?? '').slice(mark.length));
  return {
    happened: lines
      .filter((_, at) => at !== nowAt && at !== doAt)
      .join('\n')
      .trimEnd(),
    now: after(nowAt, 'now: '),
    todo: after(doAt, 'do: '),
  };
};

const failed = ({ error, cause }: RunEnd): Outcome => {
  const code = error !== null && isErrorCode(error) ? error : 'Unexpected';
  const { happened, now, todo } = readCause(cause ?? '');
  const facts = errorTable[code];
  return refused(facts.exit, {
    code,
    happened: code === error ? happened : [error, happened].filter(Boolean).join(': '),
    now,
    todo: todo ?? facts.remedy,
    causes: [],
  });
};

const stoppedEarly = (code: 'RunAborted' | 'RunTimedOut', happened: string, cause: string | null): Outcome =>
  refused(errorTable[code].exit, {
    code,
    happened: cause ? `${happened}: ${cause}` : happened,
    now: 'what was applied is in the ledger, see: lockkeeper status',
    todo: errorTable[code].remedy,
    causes: [],
  });

/** What the end of an execution means to whoever started it. */
export const outcomeOf = (end: RunEnd): Outcome => {
  switch (end.status) {
    case 'SUCCEEDED': {
      const output = parsedObject(end.output ?? undefined) ?? null;
      return done(typeof output?.message === 'string' ? output.message : 'done', output);
    }
    case 'FAILED':
      return failed(end);
    case 'ABORTED':
      return stoppedEarly('RunAborted', 'the execution was stopped', end.cause);
    case 'TIMED_OUT':
      return stoppedEarly('RunTimedOut', 'the execution ran into its time limit', end.cause);
    default:
      return end.status satisfies never;
  }
};
