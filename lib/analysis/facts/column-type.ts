import { partsOf } from '../names.ts';
import type { AlterTableCmd, Node, TypeName } from '../parse.ts';

/** A type as compared here: without `pg_catalog`, with array bounds and modifiers. */
const written = ({ names, typmods = [], arrayBounds = [] }: TypeName): string =>
  JSON.stringify([partsOf(names).filter((part) => part !== 'pg_catalog'), typmods.map(constantOf), arrayBounds.length]);

const constantOf = (node: Node): unknown => ('A_Const' in node ? (node.A_Const.ival?.ival ?? 0) : 'expression');

/** Whether USING only casts the same column to the new type, which is what PostgreSQL does without USING. */
const isPlainCast = (using: Node, column: string, type: TypeName): boolean => {
  if (!('TypeCast' in using) || using.TypeCast.typeName === undefined || using.TypeCast.arg === undefined) return false;
  const { arg, typeName } = using.TypeCast;
  if (!('ColumnRef' in arg) || partsOf(arg.ColumnRef.fields).at(-1) !== column) return false;
  return written(typeName) === written(type);
};

/**
 * Whether a change to the type keeps every value of whatever type the column had. Without the old type that holds for
 * text, varchar and numeric without a limit only, and without a computing USING.
 */
export const isWideningType = ({ name = '', def }: AlterTableCmd): boolean => {
  if (def === undefined || !('ColumnDef' in def) || def.ColumnDef.typeName === undefined) return false;
  const { typeName, raw_default: using } = def.ColumnDef;
  if (using !== undefined && !isPlainCast(using, name, typeName)) return false;
  const type = partsOf(typeName.names).at(-1) ?? '';
  if ((typeName.arrayBounds ?? []).length > 0 || (typeName.typmods ?? []).length > 0) return false;
  // a cast written out may round (float to numeric) where an assignment would be refused
  return type === 'text' || type === 'varchar' || (type === 'numeric' && using === undefined);
};
