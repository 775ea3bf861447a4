import type { QualifiedName } from '../../migration/index.ts';
import { callsIn } from '../facts/calls.ts';
import type { BodyOf } from '../facts/facts.ts';
import { nameOfRelation, partsOf, qualifiedName } from '../names.ts';
import type { AlterTableCmd } from '../parse.ts';
import { addColumn, indexBehind, noteReference, withConstraints } from './advance-create.ts';
import { changeRelation, noteCalls, relationOrBlank, taint } from './blank-relation.ts';
import { columnType } from './column-of.ts';
import { constraintOf } from './constraint-of.ts';
import type { Column, Constraint } from './objects.ts';
import type { RunningSchema } from './running-schema.ts';

const changeColumn = (
  schema: RunningSchema,
  table: QualifiedName,
  column: string,
  change: (column: Column) => Partial<Column>,
): void =>
  changeRelation(schema, table, ({ columns }) => ({
    columns: columns.map((each) => (each.name === column ? { ...each, ...change(each) } : each)),
  }));

const addConstraint = (schema: RunningSchema, table: QualifiedName, command: AlterTableCmd, certain: boolean): void => {
  const node = command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined;
  const relation = relationOrBlank(schema, table);
  if (node === undefined) return;
  const built = constraintOf(node, relation.name, null, certain ? schema.ordinal : 0);
  if (built === null) return;
  const using =
    node.indexname === undefined ? null : schema.index({ schema: relation.name.schema, name: node.indexname });
  const columns = using === null ? built.columns : using.columns.flatMap((column) => column ?? []);
  const constraint: Constraint = { ...built, columns };
  schema.setRelation(withConstraints(relation, [constraint]));
  noteCalls(schema, relation.name, callsIn(node.raw_expr));
  noteReference(schema, constraint, relation.name);
  if (using !== null) schema.deleteIndex(using.name);
  const index = indexBehind(constraint, relation.name);
  if (index !== null) schema.setIndex(index);
};

const dropConstraint = (schema: RunningSchema, table: QualifiedName, name: string): void => {
  const found = schema.constraint(table, name);
  const relation = schema.relation(table);
  if (found === null || relation === null) return;
  changeRelation(schema, table, ({ constraints, columns }) => ({
    constraints: constraints.filter((each) => each !== found),
    columns:
      found.type === 'not null'
        ? columns.map((column) => (found.columns.includes(column.name) ? { ...column, notNull: false } : column))
        : columns,
  }));
  schema.deleteIndex({ schema: relation.name.schema, name });
  if (found.references !== null)
    changeRelation(schema, found.references.table, ({ referencedBy }) => ({
      referencedBy: referencedBy.filter((each) => each.name !== relation.name.name),
    }));
};

const dropColumn = (schema: RunningSchema, table: QualifiedName, name: string): void => {
  for (const index of schema.indexesOn(table)) if (index.columns.includes(name)) schema.deleteIndex(index.name);
  for (const constraint of schema.relation(table)?.constraints ?? [])
    if (constraint.columns.includes(name)) dropConstraint(schema, table, constraint.name);
  changeRelation(schema, table, ({ columns }) => ({ columns: columns.filter((column) => column.name !== name) }));
};

const attach = (schema: RunningSchema, parent: QualifiedName, child: QualifiedName, isDefault: boolean): void => {
  changeRelation(schema, parent, ({ children }) => ({ children: [...children, schema.resolve(child)] }));
  changeRelation(schema, child, ({ parents }) => ({ parents: [...parents, schema.resolve(parent)], isDefault }));
  if (schema.ageOf(child) !== 'new') taint(schema, parent);
};

const detach = (schema: RunningSchema, parent: QualifiedName, child: QualifiedName): void => {
  const isNot = (one: QualifiedName) => (other: QualifiedName) => other.name !== schema.resolve(one).name;
  changeRelation(schema, parent, ({ children }) => ({ children: children.filter(isNot(child)) }));
  changeRelation(schema, child, ({ parents }) => ({ parents: parents.filter(isNot(parent)), isDefault: false }));
};

const retype = (schema: RunningSchema, table: QualifiedName, { name = '', def }: AlterTableCmd): void => {
  if (def === undefined || !('ColumnDef' in def) || def.ColumnDef.typeName === undefined) return;
  const type = columnType(def.ColumnDef.typeName);
  changeColumn(schema, table, name, () => ({ type }));
  // values from before now live in it: dropping the type with CASCADE would drop the column
  const user = schema.type({ schema: type.schema, name: type.name });
  if (user !== null && schema.columnAge(table, name) !== 'new') schema.setType({ ...user, tainted: schema.ordinal });
};

const alterPart = (schema: RunningSchema, table: QualifiedName, command: AlterTableCmd, certain: boolean): void => {
  const { subtype, name = '', def, missing_ok: missingOk } = command;
  switch (subtype) {
    case 'AT_AddColumn':
      if (def !== undefined && 'ColumnDef' in def)
        addColumn(schema, table, def.ColumnDef, certain && missingOk !== true);
      return;
    case 'AT_DropColumn':
      return dropColumn(schema, table, name);
    case 'AT_AlterColumnType':
      return retype(schema, table, command);
    case 'AT_ColumnDefault':
      changeColumn(schema, table, name, () => ({ default: def ?? null }));
      noteCalls(schema, table, callsIn(def));
      return;
    case 'AT_SetNotNull':
      return changeColumn(schema, table, name, () => ({ notNull: true }));
    case 'AT_DropNotNull':
      return changeColumn(schema, table, name, () => ({ notNull: false }));
    case 'AT_DropExpression':
      return changeColumn(schema, table, name, () => ({ generated: null }));
    case 'AT_AddIdentity':
      return changeColumn(schema, table, name, () => ({ identity: 'by default' }));
    case 'AT_DropIdentity':
      return changeColumn(schema, table, name, () => ({ identity: null }));
    case 'AT_AddConstraint':
    case 'AT_AddIndexConstraint':
      return addConstraint(schema, table, command, certain);
    case 'AT_ValidateConstraint':
      return changeRelation(schema, table, ({ constraints, columns }) => {
        const found = constraints.find((each) => each.name === name);
        return {
          constraints: constraints.map((each) => (each === found ? { ...each, valid: true } : each)),
          columns:
            found?.type === 'not null'
              ? columns.map((each) => (found.columns.includes(each.name) ? { ...each, notNull: true } : each))
              : columns,
        };
      });
    case 'AT_DropConstraint':
      return dropConstraint(schema, table, name);
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize': {
      const child = def !== undefined && 'PartitionCmd' in def ? nameOfRelation(def.PartitionCmd.name) : null;
      if (child === null) return;
      const isDefault = def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.bound?.is_default === true;
      return subtype === 'AT_AttachPartition' ? attach(schema, table, child, isDefault) : detach(schema, table, child);
    }
    case 'AT_AddInherit':
    case 'AT_DropInherit': {
      const parent = def !== undefined && 'RangeVar' in def ? nameOfRelation(def.RangeVar) : null;
      if (parent === null) return;
      return subtype === 'AT_AddInherit' ? attach(schema, parent, table, false) : detach(schema, parent, table);
    }
    default:
      return;
  }
};

export const alterTable = (schema: RunningSchema, body: BodyOf<'AlterTableStmt'>, certain: boolean): void => {
  const table = nameOfRelation(body.relation);
  if (!['OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE'].includes(body.objtype ?? '')) return;
  for (const each of body.cmds ?? [])
    if ('AlterTableCmd' in each) alterPart(schema, table, each.AlterTableCmd, certain && body.missing_ok !== true);
};

export const alterEnum = (schema: RunningSchema, body: BodyOf<'AlterEnumStmt'>, certain: boolean): void => {
  const type = schema.type(qualifiedName(partsOf(body.typeName)));
  const { oldVal, newVal = '', newValNeighbor, newValIsAfter } = body;
  if (type === null) return;
  const added = { label: newVal, born: certain ? schema.ordinal : 0 };
  const neighbour = type.labels.findIndex(({ label }) => label === newValNeighbor);
  const at = neighbour === -1 ? type.labels.length : newValIsAfter === true ? neighbour + 1 : neighbour;
  const labels =
    oldVal === undefined
      ? type.labels.some(({ label }) => label === newVal)
        ? type.labels
        : type.labels.toSpliced(at, 0, added)
      : type.labels.map((each) => (each.label === oldVal ? { ...each, label: newVal } : each));
  schema.setType({ ...type, labels });
};
