import { stretchesOf } from '../migration/index.ts';
import { type Node, parseScript, type SelectStmt } from './parse.ts';
import { type Fragment, readPlpgsql } from './plpgsql.ts';

/** A statement inside a body, as parsed. */
export interface EmbeddedStatement {
  readonly sql: string;
  readonly node: Node;
  /** Line inside the body, from 1. */
  readonly line: number;
  /** False in a branch, a loop or a block with an exception handler. */
  readonly certain: boolean;
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

/** Index of the `:=` or `=` of an assignment, outside brackets and quotes; -1 when there is none. */
const assignmentAt = (sql: string): number => {
  let depth = 0;
  for (const { kind, start, end } of stretchesOf(sql)) {
    if (kind !== 'code') continue;
    for (let at = start; at < end; at += 1) {
      const sign = sql[at] ?? '';
      if ('[('.includes(sign)) depth += 1;
      else if ('])'.includes(sign)) depth -= 1;
      else if (sign === '=' && depth === 0) return at;
    }
  }
  return -1;
};

/** `a[f()] := g()` as a query of both sides: a subscript is evaluated, too. */
const bothSides = (sql: string): string => {
  const at = assignmentAt(sql);
  return at === -1 ? `SELECT ${sql}` : `SELECT ${sql.slice(0, at).replace(/:$/, '')}, ${sql.slice(at + 1)}`;
};

const textOf = ({ kind, sql }: Fragment): string | null => {
  if (kind === 'statement') return sql;
  if (kind === 'dynamic') return literalText(sql);
  return kind === 'assignment' ? bothSides(sql) : `SELECT ${sql}`;
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
    return parsed.map(({ node }) => ({ sql: text, node, line: fragment.line, certain: fragment.certain }));
  });
  return { statements, transactionLines: body.transactionLines, hidden };
};

/** The statements of a body in SQL, as a string or as BEGIN ATOMIC; null when it cannot be parsed. */
export const embeddedInSql = (body: string | null, atomic: Node | undefined): EmbeddedSql | null => {
  if (atomic !== undefined) {
    const nodes =
      'List' in atomic
        ? (atomic.List.items ?? []).flatMap((each) => ('List' in each ? (each.List.items ?? []) : [each]))
        : [atomic];
    const statements = nodes.map((node) =>
      'ReturnStmt' in node
        ? { SelectStmt: { targetList: [{ ResTarget: { val: node.ReturnStmt.returnval } }] } as SelectStmt }
        : node,
    ) as Node[];
    return {
      statements: statements.map((node) => ({ sql: '', node, line: 1, certain: true })),
      transactionLines: [],
      hidden: false,
    };
  }
  const parsed = body === null ? null : parseScript(body);
  if (parsed === null || body === null || 'message' in parsed) return null;
  const statements = parsed.map(({ node }) => ({ sql: body, node, line: 1, certain: true }));
  return { statements, transactionLines: [], hidden: false };
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
