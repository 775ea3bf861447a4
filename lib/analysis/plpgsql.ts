import { parsePlpgsqlTree } from './parse.ts';

/** A fragment of SQL inside a PL/pgSQL body. */
export interface Fragment {
  readonly sql: string;
  /** `dynamic`: the operand of an EXECUTE, an expression whose value is SQL. */
  readonly kind: 'statement' | 'expression' | 'assignment' | 'dynamic';
  /** Line inside the body, from 1. */
  readonly line: number;
  /** False in a branch, a loop or a block with an exception handler: it may not run, or be taken back. */
  readonly certain: boolean;
}

export interface PlpgsqlBody {
  readonly fragments: readonly Fragment[];
  /** Lines of COMMIT and ROLLBACK. */
  readonly transactionLines: readonly number[];
}

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (parent: string, key: string, parseMode: number): Fragment['kind'] => {
  if (key === 'dynquery') return 'dynamic';
  if (key === 'query' && (parent === 'PLpgSQL_stmt_dynexecute' || parent === 'PLpgSQL_stmt_dynfors')) return 'dynamic';
  // RawParseMode of PostgreSQL's parser.h: 0 default, 1 type name, 2 expression, 3 to 5 assignments
  return parseMode === 0 ? 'statement' : parseMode === 2 ? 'expression' : 'assignment';
};

/** What may run never, or more than once. */
const conditional =
  /^PLpgSQL_(if|case|case_when|stmt_if|stmt_case|stmt_loop|stmt_while|stmt_fori|stmt_fors|stmt_forc|stmt_foreach_a|stmt_dynfors|exception|exception_block)$/;

/** What a `DO` or `CREATE FUNCTION` statement in PL/pgSQL holds, in order; null when it is not readable PL/pgSQL. */
export const readPlpgsql = (sql: string): PlpgsqlBody | null => {
  const fragments: Fragment[] = [];
  const transactionLines: number[] = [];
  let bodySeen = false;
  const visit = (value: unknown, parent: string, line: number, certain: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, parent, line, certain);
    if (!isTree(value)) return;
    for (const [key, child] of Object.entries(value)) {
      const caught = isTree(child) && child['exceptions'] !== undefined;
      const sure = certain && !caught && !conditional.test(key);
      if (key === 'PLpgSQL_function' && isTree(child)) bodySeen ||= child['action'] !== undefined;
      const childLine = isTree(child) && typeof child['lineno'] === 'number' ? child['lineno'] : line;
      if (key === 'PLpgSQL_stmt_commit' || key === 'PLpgSQL_stmt_rollback') transactionLines.push(childLine);
      const expression = isTree(child) ? child['PLpgSQL_expr'] : undefined;
      if (isTree(expression) && typeof expression['query'] === 'string') {
        const kind = kindOf(parent, key, Number(expression['parseMode'] ?? 0));
        fragments.push({ sql: expression['query'], kind, line: childLine, certain: sure });
      } else if (key === 'PLpgSQL_expr' && isTree(child) && typeof child['query'] === 'string')
        fragments.push({
          sql: child['query'],
          kind: kindOf(parent, key, Number(child['parseMode'] ?? 0)),
          line,
          certain: sure,
        });
      else visit(child, key.startsWith('PLpgSQL_') ? key : parent, childLine, sure);
    }
  };
  try {
    visit(parsePlpgsqlTree(sql), '', 1, true);
  } catch (error) {
    // blocks in blocks by the thousand
    if (error instanceof RangeError) return null;
    throw error;
  }
  return bodySeen ? { fragments, transactionLines } : null;
};
