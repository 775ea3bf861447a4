const around = 2;

/** The one stretch of lines that differs, with two lines around it, as a unified diff; of a new file all. */
export const unifiedDiff = (file: string, before: string, after: string): string => {
  const [old, now] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))) as [
    string[],
    string[],
  ];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  )
    end += 1;
  const from = Math.max(0, start - around);
  const kept = Math.max(0, end - around);
  const lead = old.slice(from, start).map((line) => ` ${line}`);
  const tail = old.slice(old.length - end, old.length - kept).map((line) => ` ${line}`);
  // a line that stands in both, inside the stretch, is shown once only
  const body = stretch(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const span = (lines: readonly string[]): string =>
    `${lines.length === 0 ? 0 : from + 1},${lines.length - from - kept}`;
  return [
    `--- ${old.length === 0 ? '/dev/null' : file}`,
    `+++ ${file}`,
    `@@ -${span(old)} +${span(now)} @@`,
    ...lead,
    ...body,
    ...tail,
  ].join('\n');
};

const stretch = (old: readonly string[], now: readonly string[]): string[] => {
  if (old.length !== now.length) return [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
  return old.flatMap((line, at) => (line === now[at] ? [` ${line}`] : [`-${line}`, `+${now[at]}`]));
};
