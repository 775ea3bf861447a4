import type { ShownType } from './result-types.ts';
import type { Session } from './session.ts';
import type { Column } from './statement.ts';

/** A type by its name, also one whose values the service cannot return: a result without rows has metadata all the same. */
export type NamedType = Pick<ShownType, 'name' | 'jdbc' | 'array' | 'element'>;

/** A column of a table, as the catalogue has it. */
interface TableColumn {
  readonly tableName: string;
  readonly notNull: boolean;
  readonly counts: boolean;
}

/** What PostgreSQL's JDBC driver says of a column whose length has no bound. */
const unbounded = 2_147_483_647;
const fixedPrecision: Readonly<Record<string, number>> = {
  bool: 1,
  int2: 5,
  int4: 10,
  oid: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  date: 13,
};
const signed = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);
const caseless = new Set([...signed, 'oid', 'bool', 'bit', 'varbit', 'date', 'interval']);
/** Digits before the seconds of each, as its longest text has them. */
const temporal: Readonly<Record<string, number>> = { time: 8, timetz: 14, timestamp: 22, timestamptz: 28 };
const serial: Readonly<Record<string, string>> = { int2: 'smallserial', int4: 'serial', int8: 'bigserial' };

/** A point and the digits; one digit is reckoned as two. */
const secondsLength = (modifier: number): number =>
  modifier === -1 ? 7 : modifier === 0 ? 0 : Math.max(modifier, 2) + 1;

/** By the rules of PostgreSQL's JDBC driver: https://github.com/pgjdbc/pgjdbc/blob/master/pgjdbc/src/main/java/org/postgresql/jdbc/TypeInfoCache.java */
const precisionAndScale = (type: string, modifier: number): readonly [precision: number, scale: number] => {
  if (type === 'float4' || type === 'float8') return [fixedPrecision[type]!, fixedPrecision[type]!];
  if (type === 'numeric') return modifier === -1 ? [0, 0] : [(modifier - 4) >> 16, (modifier - 4) & 0xffff];
  if (type === 'varchar' || type === 'bpchar') return [modifier === -1 ? unbounded : modifier - 4, 0];
  const before = temporal[type];
  if (before !== undefined) return [before + secondsLength(modifier), modifier === -1 ? 6 : modifier];
  return [fixedPrecision[type] ?? unbounded, 0];
};

const metadata = (column: Column, type: NamedType, of: TableColumn | undefined): Readonly<Record<string, unknown>> => {
  const base = type.element?.name ?? type.name;
  const [precision, scale] = precisionAndScale(base, column.typeModifier);
  const counts = of?.counts ?? false;
  return {
    arrayBaseColumnType: type.element?.jdbc ?? 0,
    isAutoIncrement: counts,
    isCaseSensitive: !caseless.has(base) && temporal[base] === undefined,
    isCurrency: type.name === 'money',
    isSigned: !type.array && signed.has(base),
    label: column.name,
    name: column.name,
    nullable: of?.notNull === true ? 0 : 1,
    precision,
    scale,
    schemaName: '',
    tableName: of?.tableName ?? '',
    type: type.jdbc,
    typeName: (counts ? serial[type.name] : undefined) ?? type.name,
  };
};

const tableColumns = async (
  session: Session,
  columns: readonly Column[],
): Promise<ReadonlyMap<string, TableColumn>> => {
  const pairs = columns.filter((column) => column.tableOid !== 0).map(keyOf);
  if (pairs.length === 0) return new Map();
  const { rows } = await session.run(
    `SELECT pg_catalog.format('(%s,%s)', a.attrelid, a.attnum), c.relname::text, (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull))::text,
            (a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%', false))::text
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE (a.attrelid, a.attnum) IN (${pairs.join(',')})`,
  );
  return new Map(
    rows.map(([key, tableName, notNull, counts]) => [
      key!,
      { tableName: tableName!, notNull: notNull === 'true', counts: counts === 'true' },
    ]),
  );
};
const keyOf = ({ tableOid, attributeNumber }: Column): string => `(${tableOid},${attributeNumber})`;

/** `columnMetadata` of a reply; what a table says of its columns is looked up in the catalogue. */
export const columnMetadata = async (
  session: Session,
  columns: readonly Column[],
  types: readonly NamedType[],
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const found = await tableColumns(session, columns);
  return columns.map((column, index) => metadata(column, types[index]!, found.get(keyOf(column))));
};
