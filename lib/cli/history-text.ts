import type { HistoryRun } from './line.ts';
import type { Style } from './style.ts';
import { counted, duration, executionName, table } from './wording.ts';

const instant = (iso: string | null): string => (iso === null ? '?' : iso.slice(0, 19).replace('T', ' '));

const did = ({ applied, reverted, rows }: HistoryRun): string =>
  [
    applied > 0 ? `${counted(applied, 'migration')} applied` : '',
    reverted > 0 ? `${counted(reverted, 'migration')} reverted` : '',
    rows > 0 ? counted(rows, 'row') : '',
  ]
    .filter(Boolean)
    .join(', ') || 'nothing applied';

const head = (run: HistoryRun, style: Style): string => {
  const { direction, actor, begunAt, verdict, durationMs } = run;
  const machine = direction === null ? 'run' : direction === 'up' ? 'Migrate' : 'Rollback';
  const end = verdict ?? 'not ended';
  const paint = verdict === 'done' ? style.green : verdict === null ? style.yellow : style.red;
  return [
    style.bold(`${instant(begunAt)} ${machine}`),
    paint(end),
    did(run),
    durationMs === null ? '' : duration(durationMs),
    actor === null ? '' : `by ${actor}`,
    style.dim(executionName(run.run)),
  ]
    .filter(Boolean)
    .join(' · ');
};

/** Runs, newest first, each with what it did: who, when, how many, how long. What a run intended is told only where it did not end well. */
export const historyText = (runs: readonly HistoryRun[], style: Style): string[] =>
  runs.length === 0
    ? ['no run has begun yet']
    : runs.flatMap((run) => [
        head(run, style),
        ...table(
          run.events
            .filter(({ kind }) => run.verdict !== 'done' || kind !== 'intent')
            .map(({ at, kind, version, text }) => [instant(at), kind, version ?? '', text]),
        ).map((line) => `  ${line}`),
      ]);
