/** How the service shows a type: which member of the Field union, and its JDBC type number in the metadata. */
export interface ShownType {
  readonly name: string;
  readonly as: 'boolean' | 'long' | 'double' | 'decimal' | 'string' | 'blob' | 'timestamptz' | 'temporal';
  /** A constant of java.sql.Types: https://docs.oracle.com/en/java/javase/21/docs/api/constant-values.html */
  readonly jdbc: number;
  readonly array: boolean;
  /** Of an array. */
  readonly element?: ShownType;
}

const scalar = (name: string, as: ShownType['as'], jdbc: number): ShownType => ({ name, as, jdbc, array: false });

/** PostgreSQL's fixed type numbers (https://github.com/postgres/postgres/blob/REL_17_STABLE/src/include/catalog/pg_type.dat) that the service can return: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api-operations.html */
const scalars: Readonly<Record<number, ShownType>> = {
  16: scalar('bool', 'boolean', -7),
  17: scalar('bytea', 'blob', -2),
  19: scalar('name', 'string', 12),
  20: scalar('int8', 'long', -5),
  21: scalar('int2', 'long', 5),
  23: scalar('int4', 'long', 4),
  25: scalar('text', 'string', 12),
  26: scalar('oid', 'long', -5),
  114: scalar('json', 'string', 1111),
  650: scalar('cidr', 'string', 1111),
  700: scalar('float4', 'double', 7),
  701: scalar('float8', 'double', 8),
  869: scalar('inet', 'string', 1111),
  1042: scalar('bpchar', 'string', 1),
  1043: scalar('varchar', 'string', 12),
  1082: scalar('date', 'temporal', 91),
  1083: scalar('time', 'string', 92),
  1114: scalar('timestamp', 'temporal', 93),
  1184: scalar('timestamptz', 'timestamptz', 93),
  1700: scalar('numeric', 'decimal', 2),
  2278: scalar('void', 'string', 1111),
  2950: scalar('uuid', 'string', 1111),
  3802: scalar('jsonb', 'string', 1111),
};

/** Array type number to its element's. */
const elements: Readonly<Record<number, number>> = {
  199: 114,
  1000: 16,
  1001: 17,
  1003: 19,
  1005: 21,
  1007: 23,
  1009: 25,
  1014: 1042,
  1015: 1043,
  1016: 20,
  1021: 700,
  1022: 701,
  1028: 26,
  1115: 1114,
  1182: 1082,
  1183: 1083,
  1185: 1184,
  1231: 1700,
  2951: 2950,
  3807: 3802,
};

/** How a built-in type is shown; null for one that the service cannot return or that is not built in. */
export const shownType = (typeOid: number): ShownType | null => {
  const element = elements[typeOid];
  if (element === undefined) return scalars[typeOid] ?? null;
  const of = scalars[element]!;
  return { name: `_${of.name}`, as: of.as, jdbc: 2003, array: true, element: of };
};

/** An enum comes as its label. */
export const enumType = (name: string): ShownType => scalar(name, 'string', 12);
