/** Lines and columns of a text, for any index into it. Both begin at 1; a column counts code points. */
export interface LineIndex {
  placeOf(index: number): { readonly line: number; readonly column: number };
  /** The line without its line end. */
  lineText(line: number): string;
}

export const lineIndexOf = (text: string): LineIndex => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (index: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
  const startOf = (line: number): number => starts[line - 1] ?? text.length;
  return {
    placeOf(index) {
      const line = lineOf(index);
      return { line, column: Array.from(text.slice(startOf(line), index)).length + 1 };
    },
    lineText: (line) => text.slice(startOf(line), (starts[line] ?? text.length + 1) - 1),
  };
};
