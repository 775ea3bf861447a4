/** A `--` comment outside literals, quoted names, dollar quotes and block comments. */
export interface LineComment {
  /** Index of the first dash, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** The comment without its line end. */
  readonly text: string;
  /** Whether only blanks stand before it on its line. */
  readonly alone: boolean;
}

/** A stretch of SQL text that is one token to whoever looks for comments. */
export interface Stretch {
  readonly kind: 'line-comment' | 'block-comment' | 'string' | 'name' | 'dollar-quote' | 'code';
  readonly start: number;
  readonly end: number;
  /** False when the text ended before the closing quote or comment end. */
  readonly closed: boolean;
}

const wordBefore = /[A-Za-z0-9_$\u0080-\uffff]$/;
const dollarOpener = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

const endOfQuoted = (text: string, start: number, quote: string, backslashes: boolean): number => {
  for (let at = start + 1; at < text.length; at += 1) {
    if (backslashes && text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return -1;
};

const endOfBlockComment = (text: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < text.length - 1; at += 1) {
    const pair = text.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    else if (pair === '*/') depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return -1;
};

const isEscapeString = (text: string, quote: number): boolean =>
  /[eE]/.test(text[quote - 1] ?? '') && !wordBefore.test(text.slice(Math.max(0, quote - 2), quote - 1));

const opened = (text: string, at: number): Pick<Stretch, 'kind' | 'end'> | null => {
  const char = text[at];
  if (char === "'") return { kind: 'string', end: endOfQuoted(text, at, "'", isEscapeString(text, at)) };
  if (char === '"') return { kind: 'name', end: endOfQuoted(text, at, '"', false) };
  if (char === '-' && text[at + 1] === '-') {
    const end = text.indexOf('\n', at);
    return { kind: 'line-comment', end: end === -1 ? text.length : end };
  }
  if (char === '/' && text[at + 1] === '*') return { kind: 'block-comment', end: endOfBlockComment(text, at) };
  if (char === '$' && !wordBefore.test(text.slice(Math.max(0, at - 1), at))) {
    dollarOpener.lastIndex = at;
    const tag = dollarOpener.exec(text)?.[0];
    if (tag === undefined) return null;
    const close = text.indexOf(tag, at + tag.length);
    return { kind: 'dollar-quote', end: close === -1 ? -1 : close + tag.length };
  }
  return null;
};

/**
 * SQL text cut into stretches that together are the whole text, by PostgreSQL's lexical rules with
 * `standard_conforming_strings` on: https://www.postgresql.org/docs/17/sql-syntax-lexical.html
 */
export const stretchesOf = (text: string): Stretch[] => {
  const stretches: Stretch[] = [];
  let codeStart = 0;
  const code = (end: number): void => {
    if (end > codeStart) stretches.push({ kind: 'code', start: codeStart, end, closed: true });
  };
  for (let at = 0; at < text.length;) {
    const found = opened(text, at);
    if (found === null) {
      at += 1;
      continue;
    }
    code(at);
    const end = found.end === -1 ? text.length : found.end;
    stretches.push({ kind: found.kind, start: at, end, closed: found.end !== -1 });
    at = end;
    codeStart = end;
  }
  code(text.length);
  return stretches;
};

/** All line comments, in order. */
export const lineCommentsOf = (text: string, stretches: readonly Stretch[] = stretchesOf(text)): LineComment[] =>
  stretches
    .filter(({ kind }) => kind === 'line-comment')
    .map(({ start, end }) => ({
      start,
      end,
      text: text.slice(start, end),
      alone: text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '',
    }));

/** Where the last thing that is neither blank nor comment ends; `from` when there is nothing. */
export const significantEnd = (text: string, stretches: readonly Stretch[] = stretchesOf(text)): number => {
  for (const { kind, start, end } of stretches.toReversed()) {
    if (kind === 'line-comment' || kind === 'block-comment') continue;
    if (kind !== 'code') return end;
    const trimmed = text.slice(start, end).trimEnd();
    if (trimmed !== '') return start + trimmed.length;
  }
  return 0;
};
