/** A comment outside literals, quoted names and dollar quotes. */
export interface Comment {
  readonly kind: 'line-comment' | 'block-comment';
  /** Index of its first character, in UTF-16 code units. */
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

/** Names, numbers and parameters, each as long as the scanner takes it: a `$` goes on in a name, but not in a number. */
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*|[0-9][A-Za-z0-9_\u0080-\uffff]*|\$[0-9]+/y;
const dollarOpener = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const blanks = /[ \t\n\r\f\v]*/y;
const onlyBlanks = /^[ \t\f\v]*$/;

/** Blanks and signs that neither begin a word nor open anything, most of what stands between words. */
const inert = new Set([...' \n\t\r(),;.=:<>*+'].map((sign) => sign.charCodeAt(0)));

const matchAt = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

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

/** A line ends at LF or CR, whichever comes first: `non_newline` of PostgreSQL's scan.l. */
const endOfLine = (text: string, start: number): number => {
  for (let at = start; at < text.length; at += 1) if (text[at] === '\n' || text[at] === '\r') return at;
  return text.length;
};

/** Where the literal that closed at `end` goes on: behind a line end, with blanks and comments between; -1 when it does not. */
const continuationOf = (text: string, end: number): number => {
  let at = end;
  for (;;) {
    at += (matchAt(blanks, text, at) ?? '').length;
    if (!text.startsWith('--', at)) break;
    at = endOfLine(text, at);
  }
  return text[at] === "'" && /[\n\r]/.test(text.slice(end, at)) ? at : -1;
};

const opened = (text: string, at: number, escapes: boolean): Pick<Stretch, 'kind' | 'end'> | null => {
  const char = text[at];
  if (char === "'") return { kind: 'string', end: endOfQuoted(text, at, "'", escapes) };
  if (char === '"') return { kind: 'name', end: endOfQuoted(text, at, '"', false) };
  if (char === '-' && text[at + 1] === '-') return { kind: 'line-comment', end: endOfLine(text, at) };
  if (char === '/' && text[at + 1] === '*') return { kind: 'block-comment', end: endOfBlockComment(text, at) };
  const tag = char === '$' ? matchAt(dollarOpener, text, at) : null;
  if (tag === null) return null;
  const close = text.indexOf(tag, at + tag.length);
  return { kind: 'dollar-quote', end: close === -1 ? -1 : close + tag.length };
};

/**
 * SQL text cut into stretches that together are the whole text, by PostgreSQL's lexical rules with
 * `standard_conforming_strings` on: https://www.postgresql.org/docs/17/sql-syntax-lexical.html
 */
export const stretchesOf = (text: string): Stretch[] => {
  const stretches: Stretch[] = [];
  let codeStart = 0;
  /** Where a quote would open a literal with backslash escapes: behind an `E`, or where such a literal goes on. */
  let escapesAt = -1;
  const code = (end: number): void => {
    if (end > codeStart) stretches.push({ kind: 'code', start: codeStart, end, closed: true });
  };
  for (let at = 0; at < text.length;) {
    if (inert.has(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    word.lastIndex = at;
    if (word.test(text)) {
      const isE = word.lastIndex === at + 1 && (text[at] === 'e' || text[at] === 'E');
      at = word.lastIndex;
      if (isE) escapesAt = at;
      continue;
    }
    const found = opened(text, at, at === escapesAt);
    if (found === null) {
      at += 1;
      continue;
    }
    code(at);
    const end = found.end === -1 ? text.length : found.end;
    stretches.push({ kind: found.kind, start: at, end, closed: found.end !== -1 });
    if (found.kind === 'string' && at === escapesAt) escapesAt = continuationOf(text, end);
    at = end;
    codeStart = end;
  }
  code(text.length);
  return stretches;
};

/** All comments, in order. */
export const commentsOf = (text: string, stretches: readonly Stretch[] = stretchesOf(text)): Comment[] =>
  stretches.flatMap(({ kind, start, end }) => {
    if (kind !== 'line-comment' && kind !== 'block-comment') return [];
    const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
    const before = start === 0 ? '' : text.slice(lineStart, start);
    return [{ kind, start, end, text: text.slice(start, end), alone: onlyBlanks.test(before) }];
  });

/** Where the last thing that is neither blank nor comment ends; 0 when there is nothing. */
export const significantEnd = (text: string, stretches: readonly Stretch[] = stretchesOf(text)): number => {
  for (const { kind, start, end } of stretches.toReversed()) {
    if (kind === 'line-comment' || kind === 'block-comment') continue;
    if (kind !== 'code') return end;
    const trimmed = text.slice(start, end).trimEnd();
    if (trimmed !== '') return start + trimmed.length;
  }
  return 0;
};
