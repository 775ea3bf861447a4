import { type ErrorCode, LockkeeperError, type Place } from '../errors/index.ts';
import {
  copyBefore,
  copyRefusal,
  errorAt,
  lineIndexOf,
  psqlRefusal,
  type Section,
  significantEnd,
} from '../migration/index.ts';
import { type Node, parseScript } from './parse.ts';

/** A statement of a section as written, without its final semicolon. */
export interface SplitStatement {
  readonly sql: string;
  readonly node: Node;
  /** Where it begins in the file. */
  readonly place: Place & { readonly line: number; readonly column: number };
  /** Place of a node inside the statement: its `location` is an offset in bytes into the section. */
  placeOfByte(location: number): Place & { readonly line: number; readonly column: number };
}

/** Indexes in UTF-16 code units for ascending offsets in UTF-8 bytes. */
const indexesOf = (text: string, bytes: readonly number[]): number[] => {
  const indexes: number[] = [];
  let byte = 0;
  let index = 0;
  for (const wanted of bytes) {
    while (byte < wanted && index < text.length) {
      const point = text.codePointAt(index) ?? 0;
      byte += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      index += point < 0x10000 ? 1 : 2;
    }
    indexes.push(index);
  }
  return indexes;
};

const indexOfPoint = (text: string, position: number): number => {
  let index = 0;
  for (let point = 0; point < position && index < text.length; point += 1)
    index += (text.codePointAt(index) ?? 0) < 0x10000 ? 1 : 2;
  return index;
};

/** The line with a caret under `column` (from 1), cut to a window of 100 characters around it; control characters as blanks. */
export const excerptOf = (line: string, column: number): string => {
  const points = [...line.replaceAll(/\p{Cc}/gu, ' ')];
  const from = points.length <= 100 ? 0 : Math.max(0, column - 60);
  return `  ${points.slice(from, from + 100).join('')}\n  ${' '.repeat(column - 1 - from)}^`;
};

const syntaxFinding = (file: string, section: Section, message: string, position: number): LockkeeperError => {
  // at the end of input the caret goes behind the last token, not below the blank lines after it
  const at = Math.min(indexOfPoint(section.text, position), significantEnd(section.text));
  const index = lineIndexOf(section.text);
  const finding = (code: ErrorCode, where: number, words: string): LockkeeperError => {
    const { line, column } = index.placeOf(where);
    const excerpt = excerptOf(index.lineText(line), column);
    return errorAt(code, { file, line: section.line + line - 1, column }, `${words}\n${excerpt}`, { excerpt });
  };
  const copy = copyBefore(section.text, at);
  if (copy !== -1) return finding('StatementRefused', copy, copyRefusal);
  const psql = psqlRefusal(section.text.slice(at, at + 100));
  return psql === null ? finding('SqlSyntaxInvalid', at, message) : finding('StatementRefused', at, psql);
};

/** The statements of a section, or its first syntax error with the line and a caret. */
export const splitSection = (file: string, section: Section): readonly SplitStatement[] | LockkeeperError => {
  const parsed = parseScript(section.text);
  if ('message' in parsed) return syntaxFinding(file, section, parsed.message, parsed.position);
  const index = lineIndexOf(section.text);
  const lastEnd = significantEnd(section.text);
  const bounds = indexesOf(
    section.text,
    parsed.flatMap(({ startByte, endByte }) => [startByte, endByte ?? Number.MAX_SAFE_INTEGER]),
  );
  const placeAt = (at: number) => {
    const { line, column } = index.placeOf(at);
    return { file, line: section.line + line - 1, column };
  };
  return parsed.map(({ node, startByte, endByte }, at) => {
    const start = bounds[2 * at] ?? 0;
    const end = endByte === null ? lastEnd : (bounds[2 * at + 1] ?? section.text.length);
    const sql = section.text.slice(start, end).trimEnd();
    return {
      node,
      sql,
      place: placeAt(start),
      placeOfByte: (location) => placeAt(start + (indexesOf(sql, [Math.max(0, location - startByte)])[0] ?? 0)),
    };
  });
};
