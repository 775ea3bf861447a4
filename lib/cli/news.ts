import type { Line } from './line.ts';

type Repeated = Extract<Line, { type: 'progress' | 'trouble' }>;

/** Whether a line is one that a run tells again and again while it waits. */
export const isRepeated = (line: Line): line is Repeated => line.type === 'progress' || line.type === 'trouble';

const essence = (line: Repeated): string =>
  (line.type === 'progress'
    ? `${line.migration} ${line.progress}`
    : `${line.state} ${line.code} ${line.message}`
  ).replaceAll(/\d+/g, '0');

/** Tells which of such lines say something new: in more than its numbers, or again after `repeatAfterMs` of the run's time. */
export const newsOf = (repeatAfterMs: number): ((line: Repeated) => boolean) => {
  const told = new Map<string, { readonly text: string; readonly atMs: number }>();
  return (line) => {
    const [text, atMs] = [essence(line), Date.parse(line.at)];
    const before = told.get(line.type);
    if (before?.text === text && atMs - before.atMs < repeatAfterMs) return false;
    told.set(line.type, { text, atMs });
    return true;
  };
};
