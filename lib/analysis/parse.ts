import { hasSqlDetails, loadModule, type Node, parsePlPgSQLSync, parseSync } from 'libpg-query';

export type * from 'libpg-query';

/** One statement of a script; offsets count UTF-8 bytes. */
export interface ParsedStatement {
  readonly node: Node;
  readonly startByte: number;
  /** Null for a last statement that no semicolon ends. */
  readonly endByte: number | null;
}

/** What PostgreSQL's parser said; `position` counts code points from 0. */
export interface SyntaxError {
  readonly message: string;
  readonly position: number;
}

const tooDeep = "nested too deeply for PostgreSQL's parser, expected some thousand levels at most";

/** Loads PostgreSQL's parser (WebAssembly). Everything below works after that, synchronously. */
export const loadParser = (): Promise<void> => loadModule();

/** The statements of a script, or the first syntax error. The grammar is PostgreSQL 18's. */
export const parseScript = (sql: string): readonly ParsedStatement[] | SyntaxError => {
  if (sql.trim() === '') return [];
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location: startByte = 0, stmt_len: length }) =>
      stmt === undefined ? [] : [{ node: stmt, startByte, endByte: length === undefined ? null : startByte + length }],
    );
  } catch (error) {
    if (hasSqlDetails(error)) {
      const position = error.sqlDetails?.cursorPosition ?? 0;
      // what bison says when its stack is full: https://www.gnu.org/software/bison/manual/html_node/Memory-Management.html
      return { message: error.message.startsWith('memory exhausted') ? tooDeep : error.message, position };
    }
    // the parser's own stack, or that of reading its answer
    if (error instanceof Error && ['RangeError', 'RuntimeError'].includes(error.name))
      return { message: tooDeep, position: 0 };
    throw error;
  }
};

/** The parser's tree of a `DO` or `CREATE FUNCTION` statement in PL/pgSQL; null when it cannot read it. */
export const parsePlpgsqlTree = (sql: string): unknown => {
  try {
    return parsePlPgSQLSync(sql);
  } catch {
    return null;
  }
};
