import type { QualifiedName } from '../../migration/index.ts';
import { partsOf } from '../names.ts';
import type { ColumnDef, Constraint as ConstraintNode, Node, TypeName } from '../parse.ts';
import type { Born, Column, ColumnType } from './objects.ts';

const serials: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
};

/** A type as the parser has it, with PostgreSQL's short names: `integer` is `int4`. */
export const columnType = ({ names, typmods = [], arrayBounds = [] }: TypeName): ColumnType => {
  const parts = partsOf(names).filter((part, at, all) => !(part === 'pg_catalog' && at === 0 && all.length > 1));
  const constants = typmods.flatMap((node) => ('A_Const' in node ? [node.A_Const.ival?.ival ?? 0] : []));
  const name = parts.at(-1) ?? '';
  // char without a length is char(1): https://www.postgresql.org/docs/17/datatype-character.html
  return { schema: parts.at(-2) ?? null, name, modifiers: constants, arrayDimensions: arrayBounds.length };
};

export const isSerial = (type: TypeName | undefined): boolean =>
  type !== undefined && partsOf(type.names).length === 1 && Object.hasOwn(serials, partsOf(type.names)[0] ?? '');

/** The constraints that stand behind a column's type. */
export const constraintsBehind = (definition: ColumnDef): readonly ConstraintNode[] =>
  (definition.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));

/** A column as CREATE TABLE or ADD COLUMN defines it. */
export const columnOf = (definition: ColumnDef, born: Born, table: QualifiedName): Column => {
  const constraints = constraintsBehind(definition);
  const find = (type: ConstraintNode['contype']): ConstraintNode | undefined =>
    constraints.find(({ contype }) => contype === type);
  const serial = isSerial(definition.typeName);
  const type = definition.typeName === undefined ? null : columnType(definition.typeName);
  const identity = find('CONSTR_IDENTITY');
  const generated = find('CONSTR_GENERATED');
  return {
    name: definition.colname ?? '',
    type: serial && type !== null ? { ...type, name: serials[type.name] ?? type.name } : type,
    notNull:
      serial || identity !== undefined || find('CONSTR_NOTNULL') !== undefined || find('CONSTR_PRIMARY') !== undefined,
    default: find('CONSTR_DEFAULT')?.raw_expr ?? null,
    identity: identity === undefined ? null : identity.generated_when === 'a' ? 'always' : 'by default',
    generated: generated === undefined ? null : isVirtual(generated) ? 'virtual' : 'stored',
    serial,
    born,
    qualified: table.schema !== null,
  };
};

/** PostgreSQL 18's default kind of a generated column: https://www.postgresql.org/docs/18/ddl-generated-columns.html */
const isVirtual = (constraint: ConstraintNode): boolean =>
  (constraint as { readonly generated_kind?: string }).generated_kind === 'v';

/** Columns that an expression names, without their table. */
export const columnNamed = (node: Node): string | null =>
  'ColumnRef' in node ? (partsOf(node.ColumnRef.fields).at(-1) ?? null) : null;
