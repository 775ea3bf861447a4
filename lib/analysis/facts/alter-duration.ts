import type { QualifiedName } from '../../migration/index.ts';
import type { LockDuration } from '../locks/lock.ts';
import { longerDuration } from '../locks/lock.ts';
import { partsOf } from '../names.ts';
import type { AlterTableCmd, ColumnDef, Constraint as ConstraintNode, Node } from '../parse.ts';
import { columnType, constraintsBehind, isSerial } from '../schema/column-of.ts';
import { isNotNullCheck } from '../schema/constraint-of.ts';
import type { ColumnType } from '../schema/objects.ts';
import type { RunningSchema } from '../schema/running-schema.ts';
import { functionCallsIn } from './calls.ts';
import { typeChange } from './type-change.ts';
import { isVolatileFunction } from './volatile-functions.ts';

/** Whether a default has to be computed for each row: then adding the column writes the table again. */
export const isVolatileDefault = (expression: Node | undefined, schema: RunningSchema): boolean =>
  functionCallsIn(expression).some(({ funcname, args = [] }) => {
    const parts = partsOf(funcname);
    const known = schema.routinesNamed(parts.at(-1) ?? '');
    return known.length > 0
      ? known.some(({ volatility }) => volatility === 'volatile')
      : isVolatileFunction(parts, args.length);
  });

const isNullConstant = (node: Node | undefined): boolean =>
  node === undefined || ('A_Const' in node && node.A_Const.isnull === true);

/** https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES */
const addColumnDuration = (definition: ColumnDef, schema: RunningSchema): LockDuration => {
  const constraints = constraintsBehind(definition);
  const has = (type: ConstraintNode['contype']): boolean => constraints.some(({ contype }) => contype === type);
  const expression = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const generated = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED');
  const type = definition.typeName === undefined ? null : columnType(definition.typeName);
  const domain = type === null ? null : schema.type({ schema: type.schema, name: type.name });
  const written =
    isSerial(definition.typeName) ||
    has('CONSTR_IDENTITY') ||
    (generated !== undefined && (generated as { readonly generated_kind?: string }).generated_kind !== 'v') ||
    isVolatileDefault(expression, schema) ||
    // a domain with checks: each row's default is put through them
    domain?.checked === true;
  if (written) return 'rewrite';
  if (has('CONSTR_PRIMARY') || has('CONSTR_UNIQUE')) return 'build';
  const scanned =
    has('CONSTR_CHECK') ||
    (has('CONSTR_NOTNULL') && isNullConstant(expression)) ||
    (has('CONSTR_FOREIGN') && !isNullConstant(expression));
  return scanned ? 'scan' : 'instant';
};

/** Whether the table proves already that the column holds no null: https://www.postgresql.org/docs/17/sql-altertable.html */
export const isProvenNotNull = (schema: RunningSchema, table: QualifiedName, column: string): boolean =>
  schema.column(table, column)?.notNull === true ||
  (schema.relation(table)?.constraints.some((each) => each.valid && isNotNullCheck(each, column)) ?? false);

/**
 * Whether an index is built anew although the values stay as they are: one with expressions or a predicate always, any other when
 * collation or operator class change. `CheckIndexCompatible` of PostgreSQL's indexcmds.c
 */
const rebuildsIndex = (
  definition: ColumnDef,
  old: ColumnType | null,
  table: QualifiedName,
  column: string,
  schema: RunningSchema,
): boolean => {
  const next = definition.typeName === undefined ? null : columnType(definition.typeName);
  if (
    old !== null &&
    next !== null &&
    JSON.stringify(old) === JSON.stringify(next) &&
    definition.collClause === undefined
  )
    return false;
  const compares = definition.collClause !== undefined || old?.name === 'citext' || next?.name === 'citext';
  return schema
    .indexesOn(table)
    .some(({ columns, mentions = [] }) => mentions.includes(column) || (compares && columns.includes(column)));
};

const addConstraintDuration = (node: ConstraintNode, table: QualifiedName, schema: RunningSchema): LockDuration => {
  if (node.indexname !== undefined) {
    if (node.contype !== 'CONSTR_PRIMARY') return 'instant';
    // PRIMARY KEY makes its columns NOT NULL, which has to be looked at
    const index = schema.index({ schema: schema.resolve(table).schema, name: node.indexname });
    const proven = index?.columns.every((column) => column !== null && isProvenNotNull(schema, table, column)) ?? false;
    return proven ? 'instant' : 'scan';
  }
  switch (node.contype) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      return 'build';
    case 'CONSTR_NOTNULL':
      return node.skip_validation === true ||
        partsOf(node.keys).every((column) => isProvenNotNull(schema, table, column))
        ? 'instant'
        : 'scan';
    default:
      return node.skip_validation === true ? 'instant' : 'scan';
  }
};

/** What PostgreSQL does to the named table for one part of an ALTER TABLE. */
export const alterDuration = (command: AlterTableCmd, table: QualifiedName, schema: RunningSchema): LockDuration => {
  const { subtype, name = '', def } = command;
  switch (subtype) {
    case 'AT_AddColumn':
      return def !== undefined && 'ColumnDef' in def ? addColumnDuration(def.ColumnDef, schema) : 'instant';
    case 'AT_AlterColumnType': {
      if (def === undefined || !('ColumnDef' in def) || def.ColumnDef.typeName === undefined) return 'rewrite';
      const old = schema.column(table, name)?.type ?? null;
      const { duration } = typeChange(old, def.ColumnDef.typeName, def.ColumnDef.raw_default, name, schema);
      return duration === 'instant' && rebuildsIndex(def.ColumnDef, old, table, name, schema) ? 'build' : duration;
    }
    case 'AT_SetNotNull':
      return isProvenNotNull(schema, table, name) ? 'instant' : 'scan';
    case 'AT_AddConstraint':
    case 'AT_AddIndexConstraint':
      return def !== undefined && 'Constraint' in def
        ? addConstraintDuration(def.Constraint, table, schema)
        : 'instant';
    case 'AT_ValidateConstraint':
      return schema.constraint(table, name)?.valid === true ? 'instant' : 'scan';
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
    case 'AT_SetExpression':
      return 'rewrite';
    default:
      return 'instant';
  }
};

export const worstDuration = (durations: readonly LockDuration[]): LockDuration =>
  durations.reduce(longerDuration, 'instant');
