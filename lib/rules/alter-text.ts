import { stretchesOf } from '../migration/index.ts';

/** The text with quoted names as `x` and strings and comments as blanks, each as long as before: what is left is syntax. */
const syntaxOf = (sql: string): string =>
  stretchesOf(sql)
    .map(({ kind, start, end }) =>
      kind === 'code' ? sql.slice(start, end) : (kind === 'name' ? 'x' : ' ').repeat(end - start),
    )
    .join('');

/** Begin and end of what top-level commas separate, from `start` on. */
const pieces = (syntax: string, start: number): readonly (readonly [number, number])[] => {
  const found: [number, number][] = [];
  let depth = 0;
  let begin = start;
  for (let at = start; at < syntax.length; at += 1) {
    if (syntax[at] === '(') depth += 1;
    else if (syntax[at] === ')') depth -= 1;
    else if (syntax[at] === ',' && depth === 0) {
      found.push([begin, at]);
      begin = at + 1;
    }
  }
  return [...found, [begin, syntax.length]];
};

const head = /^\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?[^\s,(]+(?:\s*\.\s*[^\s,(]+)?(?:\s*\*)?\s+(?=\w)/i;

/** The parts of an ALTER TABLE as they are written, and what stands before them; null when the text cannot be cut. */
export const partTexts = (sql: string): { readonly head: string; readonly parts: readonly string[] } | null => {
  const syntax = syntaxOf(sql);
  const start = head.exec(syntax)?.[0].length;
  if (start === undefined) return null;
  return {
    head: sql.slice(0, start).trim(),
    parts: pieces(syntax, start).map(([begin, end]) => sql.slice(begin, end).trim()),
  };
};

const clause =
  /\b(?:CONSTRAINT\s+\S+\s+)?(?:NOT\s+NULL|(?<!\bSET\s+|\bNOT\s+)NULL|(?<!\b(?:SET|BY)\s+)DEFAULT|UNIQUE|PRIMARY\s+KEY|REFERENCES|CHECK|GENERATED)\b/gi;

/** The clauses of an ADD COLUMN behind its name and type, which is the first. */
export const columnClauses = (part: string): readonly string[] => {
  const syntax = syntaxOf(part);
  let depth = 0;
  const depths = syntax
    .split('')
    .map((char) => (char === '(' ? (depth += 1) : char === ')' ? (depth -= 1) + 1 : depth));
  const starts = [...syntax.matchAll(clause)].map(({ index }) => index).filter((index) => depths[index] === 0);
  return [0, ...starts].map((start, at) => part.slice(start, starts[at]).trim());
};

/** The ALTER TABLE with other texts for some of its parts, by their number; null when it cannot be cut. */
export const withParts = (sql: string, texts: ReadonlyMap<number, string>): string | null => {
  const cut = partTexts(sql);
  return cut === null ? null : `${cut.head} ${cut.parts.map((part, at) => texts.get(at) ?? part).join(', ')};`;
};

export const withPart = (sql: string, index: number, text: string): string | null =>
  withParts(sql, new Map([[index, text]]));
