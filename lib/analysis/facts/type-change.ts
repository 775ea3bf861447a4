import { partsOf } from '../names.ts';
import type { Node, TypeName } from '../parse.ts';
import { columnNamed, columnType } from '../schema/column-of.ts';
import type { ColumnType } from '../schema/objects.ts';
import type { RunningSchema } from '../schema/running-schema.ts';

/** What changing a column's type does to its values. */
export interface TypeChange {
  /** `rewrite` writes the table again with its indexes; `instant` changes the catalogue only. */
  readonly duration: 'instant' | 'rewrite';
  /** Whether every value that the old type can hold survives. */
  readonly keepsValues: boolean;
}

const unknownChange: TypeChange = { duration: 'rewrite', keepsValues: false };
const rewriteThatKeeps: TypeChange = { duration: 'rewrite', keepsValues: true };
const catalogueOnly: TypeChange = { duration: 'instant', keepsValues: true };

const strings = new Set(['text', 'varchar', 'bpchar', 'char', 'citext', 'name']);

/**
 * Types whose values are stored alike, old then new: no rewrite.
 * https://www.postgresql.org/docs/17/sql-altertable.html#SQL-ALTERTABLE-NOTES, pg_cast.castmethod `b`
 */
const storedAlike = new Set([
  'varchar text',
  'text varchar',
  'varchar citext',
  'citext text',
  'citext varchar',
  'text citext',
  'cidr inet',
  'bit varbit',
  'xml text',
  'xml varchar',
  'int4 oid',
  'oid int4',
  'regclass oid',
  'regproc oid',
]);

/** Types whose every value has an exact image, old then new: the table is written again, nothing is lost. */
const exactImages = new Set([
  'int2 int4',
  'int2 int8',
  'int2 numeric',
  'int2 float4',
  'int2 float8',
  'int4 int8',
  'int4 numeric',
  'int4 float8',
  'int8 numeric',
  'oid int8',
  'float4 float8',
  'date timestamp',
  'date timestamptz',
  'timestamp timestamptz',
  'money numeric',
  'macaddr macaddr8',
  'bpchar varchar',
  'json text',
  'jsonb json',
  'bool int4',
]);

/** Types with a precision in fractional digits of a second. */
const clocks = new Set(['timestamp', 'timestamptz', 'time', 'timetz', 'interval']);

/** A domain is what lies under it. */
const underlying = (
  type: ColumnType,
  schema: RunningSchema,
): { readonly type: ColumnType; readonly isChecked: boolean } => {
  const user = schema.type({ schema: type.schema, name: type.name });
  if (user === null || user.kind !== 'domain' || user.base === null) return { type, isChecked: false };
  const under = underlying(user.base, schema);
  return { type: under.type, isChecked: user.checked || under.isChecked };
};

/** Whether a longer modifier takes in all that a shorter one allowed: none at all takes in everything. */
const widens = (name: string, before: readonly number[], after: readonly number[]): boolean => {
  if (after.length === 0) return name !== 'bpchar' && name !== 'bit';
  if (before.length === 0) return false;
  if (name === 'numeric') return (after[0] ?? 0) >= (before[0] ?? 0) && (after[1] ?? 0) === (before[1] ?? 0);
  return (after[0] ?? 0) >= (before[0] ?? 0);
};

/** With TimeZone UTC the two are stored alike and mean the same: `timestamp_timestamptz` of tablecmds.c. */
const instants = new Set(['timestamp timestamptz', 'timestamptz timestamp']);

/** Fractional digits of a second that a type keeps: 6 without a modifier; an interval's fields come first. */
const precisionOf = (name: string, modifiers: readonly number[]): readonly number[] => {
  const fullRange = 0x7fff;
  const own = name === 'interval' && modifiers[0] === fullRange ? modifiers.slice(1) : modifiers;
  return own.length === 0 ? [6] : own;
};

const sameModifiers = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();

const changeOfSame = (name: string, before: readonly number[], after: readonly number[]): TypeChange => {
  if (sameModifiers(before, after)) return catalogueOnly;
  const isClock = clocks.has(name);
  const [old, next] = isClock ? [precisionOf(name, before), precisionOf(name, after)] : [before, after];
  // fields of an interval
  if (name === 'interval' && (old.length > 1 || next.length > 1)) return unknownChange;
  const wider = widens(name, old, next);
  if (['varchar', 'numeric', 'varbit'].includes(name) || isClock) return wider ? catalogueOnly : unknownChange;
  return { duration: 'rewrite', keepsValues: wider };
};

const changeBetween = (from: ColumnType, to: ColumnType, schema: RunningSchema): TypeChange => {
  const before = underlying(from, schema);
  const after = underlying(to, schema);
  const [old, next] = [before.type, after.type];
  // a domain with checks is verified row by row through a rewrite
  const checked = after.isChecked && !(from.name === to.name && from.schema === to.schema);
  const strictly = (change: TypeChange): TypeChange => (checked ? { ...change, duration: 'rewrite' } : change);
  if (old.arrayDimensions > 0 !== next.arrayDimensions > 0)
    return next.arrayDimensions === 0 && isUnlimitedText(next) ? rewriteThatKeeps : unknownChange;
  if (old.schema === next.schema && old.name === next.name) {
    const change = changeOfSame(old.name, old.modifiers, next.modifiers);
    return strictly(
      old.arrayDimensions > 0 && !sameModifiers(old.modifiers, next.modifiers)
        ? { ...change, duration: 'rewrite' }
        : change,
    );
  }
  const pair = `${old.name} ${next.name}`;
  // the other way round stored alike as well, but the next reader's TimeZone decides what it means
  if (instants.has(pair) && schema.section.utc && next.modifiers.length === 0)
    return { duration: 'instant', keepsValues: next.name === 'timestamptz' };
  if (storedAlike.has(pair)) {
    // text that gets a limit is measured row by row, and cut where only blanks are too many
    if (next.modifiers.length > 0 && !(old.name === 'varchar' && widens('varchar', old.modifiers, next.modifiers)))
      return unknownChange;
    return strictly(catalogueOnly);
  }
  if (exactImages.has(pair) || (old.name === 'bpchar' && strings.has(next.name)))
    return next.modifiers.length === 0 || (old.name === 'bpchar' && widens('varchar', old.modifiers, next.modifiers))
      ? rewriteThatKeeps
      : unknownChange;
  return isUnlimitedText(next) ? rewriteThatKeeps : unknownChange;
};

const isUnlimitedText = ({ name, modifiers, arrayDimensions }: ColumnType): boolean =>
  arrayDimensions === 0 && modifiers.length === 0 && (name === 'text' || name === 'varchar');

/** `column AT TIME ZONE 'UTC'`, which maps each instant to one other. */
const isShiftByUtc = (using: Node, column: string): boolean => {
  if (!('FuncCall' in using) || partsOf(using.FuncCall.funcname).at(-1) !== 'timezone') return false;
  const [zone, value] = using.FuncCall.args ?? [];
  const name = zone !== undefined && 'A_Const' in zone ? (zone.A_Const.sval?.sval ?? '') : '';
  return value !== undefined && columnNamed(value) === column && /^(etc\/)?(utc|gmt|zulu)$/i.test(name);
};

/** `column::text::mood`, where the new enum has every label of the old. */
const isSameLabels = (
  using: Node,
  column: string,
  old: ColumnType,
  next: ColumnType,
  schema: RunningSchema,
): boolean => {
  if (!('TypeCast' in using) || using.TypeCast.arg === undefined || !('TypeCast' in using.TypeCast.arg)) return false;
  const { arg, typeName } = using.TypeCast.arg.TypeCast;
  if (arg === undefined || typeName === undefined || columnNamed(arg) !== column) return false;
  if (!isUnlimitedText(columnType(typeName))) return false;
  const [from, to] = [schema.type(old), schema.type(next)];
  if (from?.kind !== 'enum' || to?.kind !== 'enum') return false;
  return from.labels.every(({ label }) => to.labels.some((each) => each.label === label));
};

/** Whether USING only casts the same column to the new type, which is what PostgreSQL does without USING. */
const isPlainCast = (using: Node, column: string, type: TypeName): boolean => {
  if (columnNamed(using) === column) return true;
  if (!('TypeCast' in using) || using.TypeCast.typeName === undefined || using.TypeCast.arg === undefined) return false;
  const { arg, typeName } = using.TypeCast;
  if (!('ColumnRef' in arg) || partsOf(arg.ColumnRef.fields).at(-1) !== column) return false;
  return JSON.stringify(columnType(typeName)) === JSON.stringify(columnType(type));
};

/**
 * What a change from `old` (null when it is not known) to `type` does. Without the old type only text without a limit is
 * sure to hold every value; `numeric` is not, since `double precision` becomes one with 15 digits only.
 */
export const typeChange = (
  old: ColumnType | null,
  type: TypeName,
  using: Node | undefined,
  column: string,
  schema: RunningSchema,
): TypeChange => {
  const plain = using === undefined || isPlainCast(using, column, type);
  const next = columnType(type);
  if (!plain) {
    const isExact =
      old !== null &&
      ((instants.has(`${old.name} ${next.name}`) && isShiftByUtc(using, column) && next.modifiers.length === 0) ||
        isSameLabels(using, column, old, next, schema));
    return isExact ? rewriteThatKeeps : unknownChange;
  }
  if (old === null) return isUnlimitedText(next) ? rewriteThatKeeps : unknownChange;
  return changeBetween(old, next, schema);
};
