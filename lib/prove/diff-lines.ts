/** What has to go from one text and to come into it, line by line, in order. */
export interface LineDifference {
  readonly sign: '-' | '+';
  readonly line: string;
}

/** Cells of the table below; beyond it the lines in the middle count as all different. */
const largestTable = 4_000_000;

/** The shortest difference of two texts: `-` stands only in `before`, `+` only in `after`. */
export const diffLines = (before: readonly string[], after: readonly string[]): readonly LineDifference[] => {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const old = before.slice(start, before.length - end);
  const young = after.slice(start, after.length - end);
  if (old.length * young.length > largestTable) return [...marked('-', old), ...marked('+', young)];

  // common[i][j]: how many lines old from i on and young from j on have in common, in order
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(young.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = young.length - 1; j >= 0; j -= 1)
      (common[i] as Uint32Array)[j] = old[i] === young[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));

  const found: LineDifference[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < young.length) {
    if (old[i] === young[j]) [i, j] = [i + 1, j + 1];
    else if (at(i + 1, j) >= at(i, j + 1)) found.push({ sign: '-', line: old[i++] ?? '' });
    else found.push({ sign: '+', line: young[j++] ?? '' });
  }
  return [...found, ...marked('-', old.slice(i)), ...marked('+', young.slice(j))];
};

const marked = (sign: '-' | '+', lines: readonly string[]): LineDifference[] => lines.map((line) => ({ sign, line }));
