import fc from 'fast-check';
import { loadModule, scanSync } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { stretchesOf } from '../../lib/migration/index.ts';
import { corporaPresent, corpusFiles, corpusNames } from '../support/corpora.ts';

await loadModule();

type Span = readonly [start: number, end: number];
interface Found {
  readonly comments: readonly Span[];
  readonly literals: readonly Span[];
}

const literalBegin = /^(?:(?:[ebxn]|u&)?'|(?:u&)?"|\$(?:[a-z_\u0080-\uffff][a-z0-9_\u0080-\uffff]*)?\$)/i;

/** What PostgreSQL's scanner finds, in UTF-16 code units; null for what it refuses. A literal's span begins at its quote. */
const scanned = (text: string): Found | null => {
  let tokens;
  try {
    ({ tokens } = scanSync(text));
  } catch {
    return null;
  }
  const bytes = Buffer.from(text);
  const at = (byte: number): number => bytes.subarray(0, byte).toString().length;
  const comments: Span[] = [];
  const literals: Span[] = [];
  for (const { start, end, tokenName } of tokens) {
    const span = [at(start), at(end)] as const;
    const token = text.slice(...span);
    if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') comments.push(span);
    else if (literalBegin.test(token)) literals.push([span[0] + token.search(/['"$]/), span[1]]);
  }
  return { comments, literals };
};

const isComment = (kind: string): boolean => kind.endsWith('comment');

/** Literals of ours that only blanks with a line end part, or nothing, are the pieces of one. */
const ours = (text: string): Found | null => {
  const stretches = stretchesOf(text);
  if (stretches.some(({ closed }) => !closed)) return null;
  const spans = (wanted: (kind: string) => boolean): Span[] =>
    stretches.filter(({ kind }) => wanted(kind)).map(({ start, end }) => [start, end]);
  return { comments: spans(isComment), literals: spans((kind) => kind !== 'code' && !isComment(kind)) };
};

/** One span for literals that PostgreSQL reads as one, or that touch. */
const joined = (text: string, literals: readonly Span[]): Span[] => {
  const out: Span[] = [];
  for (const [start, end] of literals) {
    const last = out.at(-1);
    const gap = last === undefined ? null : text.slice(last[1], start);
    const continues = gap !== null && (gap === '' || (/^[ \t\f\v]*[\n\r]\s*$/.test(gap) && text[start] === "'"));
    if (last !== undefined && continues && text[last[1] - 1] === "'") out[out.length - 1] = [last[0], end];
    else out.push([start, end]);
  }
  return out;
};

/** Where a comment parts the pieces of one literal: libpg_query makes a token of it, PostgreSQL's own scanner goes on. */
const commentInLiteral = /'[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:\s|--[^\n\r]*[\n\r])*'/;
const isComparable = (text: string): boolean =>
  !(text.includes('--') && commentInLiteral.test(text.replaceAll(/'\s*[\n\r]\s*'/g, '')));

const agrees = (text: string): void => {
  const theirs = scanned(text);
  if (theirs === null) return;
  const found = ours(text);
  expect(found === null ? null : found.comments).toEqual(theirs.comments);
  expect(joined(text, found?.literals ?? [])).toEqual(joined(text, theirs.literals));
};

const piece = fc.constantFrom(
  "'",
  '"',
  "''",
  "E'",
  "e'",
  "U&'",
  'U&"',
  "b'0'",
  "N'",
  'nE',
  '\\',
  "\\'",
  '--',
  '- -',
  '-',
  '/*',
  '*/',
  '/',
  '*',
  '+',
  '$',
  '$$',
  '$a$',
  '$é$',
  '$a',
  '$1',
  '1',
  '1_0',
  '0x1F',
  '1.5',
  '.',
  ':',
  '::',
  'a',
  'a$b',
  'a$',
  'é',
  'e',
  'E',
  '_',
  ';',
  '(',
  ')',
  ',',
  ' ',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\f',
  '\v',
  "a'b",
  "'\n'",
  "E'a'\n'\\''",
  '-- x\n',
  '/* /* */ */',
  '😀',
  '\u00a0',
  '\u200b',
);
const scrap = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

test('comments and literals are cut where PostgreSQL cuts them', () => {
  let compared = 0;
  fc.assert(
    fc.property(scrap, (text) => {
      fc.pre(isComparable(text));
      if (scanned(text) !== null) compared += 1;
      agrees(text);
    }),
    { numRuns: 20_000, seed: 7 },
  );
  expect(compared).toBeGreaterThan(3000);
});

test.each([
  ["E'a'\n'\\'--' -- c", ['-- c']],
  ["E'a' -- b\n '\\'--'", ['-- b']],
  ["E'a'\n-- b\n'\\'--'", ['-- b']],
  ["'a'\n'\\' -- c", ['-- c']],
  ["E'a' '\\' -- c", ['-- c']],
  ["nE'\\' -- c", ['-- c']],
  ['1 -- a\r+ 2 -- b', ['-- a', '-- b']],
  ['$1$$--$$', []],
  ['a$$--b', ['--b']],
  ['$é$--$é$', []],
  ['"a""--"', []],
  ['1*/*a/*b*/c*/-1', ['/*a/*b*/c*/']],
  ["U&'\\' -- c", ['-- c']],
])('the comments of %j', (text, comments) => {
  const found = stretchesOf(text).filter(({ kind }) => kind.endsWith('comment'));
  expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(comments);
});

const absent = corpusNames.filter((name) => !corporaPresent.includes(name));
describe.skipIf(absent.length > 0)(
  absent.length > 0 ? `skipped: the corpora ${absent.join(', ')} are not beside the checkout` : 'real projects',
  () => {
    test.each(corpusNames)('%s is cut where PostgreSQL cuts it', (name) => {
      for (const { text } of corpusFiles(name)) agrees(text);
    });
  },
);
