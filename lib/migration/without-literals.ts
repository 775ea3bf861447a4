import { stretchesOf } from './lexer.ts';

const number = /(?<![A-Za-z0-9_$.\u0080-\uffff])(?:[0-9]|\.[0-9])[A-Za-z0-9_.]*(?:(?<=[eE])[-+][0-9]+)?/g;

/** A backslash outside an E'' literal: whoever has standard_conforming_strings off means another end of it than we do. */
const isDoubtful = (sql: string, start: number, text: string): boolean =>
  text.includes('\\') && !/(?<![\w$])[eE]$/.test(sql.slice(Math.max(0, start - 2), start));

/**
 * A statement with `…` for each string and number, its comments left out and its blanks made one, cut to `length` characters: what may be told of
 * somebody's SQL. Names stay, also quoted ones. Text that breaks off in a literal, as pg_stat_activity cuts it, ends there.
 */
export const withoutLiterals = (sql: string, length: number): string => {
  let told = '';
  for (const { kind, start, end } of stretchesOf(sql)) {
    const text = sql.slice(start, end);
    if (kind === 'string' && isDoubtful(sql, start, text)) {
      told += "'…";
      break;
    }
    if (kind === 'code') told += text.replace(number, '…');
    else if (kind === 'name') told += text;
    else if (kind === 'string') told += "'…'";
    else if (kind === 'dollar-quote') told += '$$…$$';
    else told += ' ';
  }
  const line = told.replaceAll(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1).trimEnd()}…` : line;
};
