import type { QualifiedName } from '../../migration/index.ts';
import { nameOfRelation, partsOf } from '../names.ts';
import type { Constraint as ConstraintNode, Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import { columnNamed } from './column-of.ts';
import type { Born, Constraint, ReferentialAction } from './objects.ts';

const kinds: Partial<Record<NonNullable<ConstraintNode['contype']>, Constraint['type']>> = {
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_NOTNULL: 'not null',
  CONSTR_EXCLUSION: 'exclusion',
};

const actions: Readonly<Record<string, ReferentialAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

const suffixes: Readonly<Record<Constraint['type'], string>> = {
  'primary key': 'pkey',
  unique: 'key',
  check: 'check',
  'foreign key': 'fkey',
  'not null': 'not_null',
  exclusion: 'excl',
};

/** Columns named anywhere in an expression, each once. */
export const columnsIn = (expression: Node | undefined): string[] => {
  const found = new Set<string>();
  visitNodes(expression, (kind, body) => {
    const name = kind === 'ColumnRef' ? columnNamed({ ColumnRef: body } as unknown as Node) : null;
    if (name !== null) found.add(name);
  });
  return [...found];
};

const excluded = (node: ConstraintNode): string[] =>
  (node.exclusions ?? []).flatMap((each) => {
    const first = 'List' in each ? each.List.items?.[0] : undefined;
    return first !== undefined && 'IndexElem' in first && first.IndexElem.name !== undefined
      ? [first.IndexElem.name]
      : [];
  });

/** A constraint as written on a table or behind `column`; null for a default, an identity and the like. */
export const constraintOf = (
  node: ConstraintNode,
  table: QualifiedName,
  column: string | null,
  born: Born,
): Constraint | null => {
  const type = node.contype === undefined ? undefined : kinds[node.contype];
  if (type === undefined) return null;
  const keys = partsOf(node.contype === 'CONSTR_FOREIGN' ? node.fk_attrs : node.keys);
  const inExpression = type === 'check' ? columnsIn(node.raw_expr) : excluded(node);
  const columns = keys.length > 0 ? keys : column !== null && type !== 'check' ? [column] : inExpression;
  const namedAfter =
    type === 'primary key' ? [] : type === 'check' && columns.length !== 1 && column === null ? [] : columns;
  const name = node.conname ?? node.indexname ?? [table.name, ...namedAfter, suffixes[type]].join('_');
  return {
    name,
    type,
    columns,
    expression: node.raw_expr ?? null,
    references:
      node.pktable === undefined
        ? null
        : {
            table: nameOfRelation(node.pktable),
            columns: partsOf(node.pk_attrs),
            onDelete: actions[node.fk_del_action ?? 'a'] ?? 'no action',
            onUpdate: actions[node.fk_upd_action ?? 'a'] ?? 'no action',
          },
    valid: node.skip_validation !== true,
    born,
  };
};

/** Whether a CHECK says of itself that a column is not null. */
export const isNotNullCheck = ({ type, expression }: Constraint, column: string): boolean => {
  const says = (node: Node | null): boolean => {
    if (node === null) return false;
    if ('NullTest' in node)
      return (
        node.NullTest.nulltesttype === 'IS_NOT_NULL' &&
        node.NullTest.arg !== undefined &&
        columnNamed(node.NullTest.arg) === column
      );
    return 'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' && (node.BoolExpr.args ?? []).some(says);
  };
  return type === 'check' && says(expression);
};
