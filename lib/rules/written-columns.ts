import { type ColumnType, columnType, constraintsBehind, isSerial, type StatementAt } from '../analysis/index.ts';

/** A column's type as a statement writes it. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Offset in bytes of the type's name. */
  readonly location: number;
  readonly serial: boolean;
  readonly primaryKey: boolean;
}

type ColumnDefNode = Parameters<typeof constraintsBehind>[0];

const written = (definition: ColumnDefNode, name: string, keys: ReadonlySet<string>): WrittenColumn[] => {
  if (definition.typeName === undefined) return [];
  return [
    {
      name,
      type: columnType(definition.typeName),
      location: definition.typeName.location ?? definition.location ?? 0,
      serial: isSerial(definition.typeName),
      primaryKey: keys.has(name) || constraintsBehind(definition).some(({ contype }) => contype === 'CONSTR_PRIMARY'),
    },
  ];
};

const columnsOf = (node: StatementAt['statement']['node']): readonly WrittenColumn[] => {
  if ('CreateStmt' in node) {
    if (node.CreateStmt.relation?.relpersistence === 't') return [];
    const elements = node.CreateStmt.tableElts ?? [];
    const keys = new Set(
      elements.flatMap((element) =>
        'Constraint' in element && element.Constraint.contype === 'CONSTR_PRIMARY'
          ? (element.Constraint.keys ?? []).flatMap((key) => ('String' in key ? [key.String.sval ?? ''] : []))
          : [],
      ),
    );
    return elements.flatMap((element) =>
      'ColumnDef' in element ? written(element.ColumnDef, element.ColumnDef.colname ?? '', keys) : [],
    );
  }
  if (!('AlterTableStmt' in node)) return [];
  return (node.AlterTableStmt.cmds ?? []).flatMap((command) => {
    if (!('AlterTableCmd' in command)) return [];
    const { subtype, name, def } = command.AlterTableCmd;
    if (def === undefined || !('ColumnDef' in def)) return [];
    if (subtype !== 'AT_AddColumn' && subtype !== 'AT_AlterColumnType') return [];
    return written(def.ColumnDef, def.ColumnDef.colname ?? name ?? '', new Set());
  });
};

/** Several rules ask the same of a statement, one after the other. */
const known = new WeakMap<object, readonly WrittenColumn[]>();

/** The columns whose type a CREATE TABLE or ALTER TABLE writes, those of temporary tables left out. */
export const writtenColumns = ({ statement: { node } }: StatementAt): readonly WrittenColumn[] => {
  const before = known.get(node);
  if (before !== undefined) return before;
  const columns = columnsOf(node);
  known.set(node, columns);
  return columns;
};
