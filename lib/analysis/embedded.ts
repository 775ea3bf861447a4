import { type Node, parseScript } from './parse.ts';
import { type Fragment, readPlpgsql } from './plpgsql.ts';

/** A statement inside a body, as parsed. */
export interface EmbeddedStatement {
  readonly sql: string;
  readonly node: Node;
  /** Line inside the body, from 1. */
  readonly line: number;
}

export interface EmbeddedSql {
  readonly statements: readonly EmbeddedStatement[];
  readonly transactionLines: readonly number[];
  /** Whether some SQL is put together at run time or cannot be parsed, so that it is not among `statements`. */
  readonly hidden: boolean;
}

const literalText = (expression: string): string | null => {
  const parsed = parseScript(`SELECT ${expression}`);
  if ('message' in parsed) return null;
  const node = parsed[0]?.node;
  if (node === undefined || !('SelectStmt' in node)) return null;
  const target = node.SelectStmt.targetList?.[0];
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value !== undefined && 'A_Const' in value ? (value.A_Const.sval?.sval ?? null) : null;
};

const textOf = ({ kind, sql }: Fragment): string | null => {
  if (kind === 'statement') return sql;
  if (kind === 'dynamic') return literalText(sql);
  return `SELECT ${kind === 'assignment' ? sql.replace(/^[^=]*?:?=/, '') : sql}`;
};

/** The SQL inside a PL/pgSQL body; null when the body cannot be read at all. */
export const embeddedIn = (sql: string): EmbeddedSql | null => {
  const body = readPlpgsql(sql);
  if (body === null) return null;
  let hidden = false;
  const statements = body.fragments.flatMap((fragment) => {
    const text = textOf(fragment);
    const parsed = text === null ? null : parseScript(text);
    if (text === null || parsed === null || 'message' in parsed) {
      hidden = true;
      return [];
    }
    return parsed.map(({ node }) => ({ sql: text, node, line: fragment.line }));
  });
  return { statements, transactionLines: body.transactionLines, hidden };
};

/** The body text and language of a DO or CREATE FUNCTION statement's options; null where absent. */
export const bodyOf = (
  options: readonly Node[] | undefined,
): { readonly body: string | null; readonly language: string } => {
  let body: string | null = null;
  let language = 'plpgsql';
  for (const option of options ?? []) {
    if (!('DefElem' in option)) continue;
    const { defname, arg } = option.DefElem;
    if (defname === 'language' && arg !== undefined && 'String' in arg)
      language = (arg.String.sval ?? '').toLowerCase();
    if (defname !== 'as' || arg === undefined) continue;
    if ('String' in arg) body = arg.String.sval ?? '';
    const first = 'List' in arg ? arg.List.items?.[0] : undefined;
    if (first !== undefined && 'String' in first) body = first.String.sval ?? '';
  }
  return { body, language };
};
