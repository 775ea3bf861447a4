import type { ColumnType, ColumnTypes } from './column-types.ts';

/** Which value of a column: two columns of one salt (a foreign key and what it points to) get the same. */
export interface Sample {
  readonly column: string;
  readonly salt: number;
  /** Row, from 1 to 9. */
  readonly row: number;
}

type Write = (sample: Sample, modifier: number) => string;

/** Above what a sequence begins with, below what a smallint holds. */
const whole = ({ salt, row }: Sample): number => 1000 + (salt % 2900) * 10 + row;

const numeric: Write = (sample, modifier) => {
  if (modifier < 4) return `${whole(sample)}.5`;
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (modifier - 4) & 0x7ff;
  const digits = Math.max(0, precision - scale);
  const integer = digits === 0 ? '0' : `${whole(sample)}`.slice(-Math.min(digits, 5));
  return scale === 0 ? integer : `${integer}.${sample.row}`;
};

const text: Write = ({ column, salt, row }, modifier) => {
  const length = modifier < 5 ? 60 : modifier - 4;
  const end = `${salt % 90}-${row}`;
  return length > end.length + 1
    ? `${column.slice(0, length - end.length - 1)}-${end}`
    : `${salt + row}`.slice(-length);
};

const bits: Write = ({ salt, row }, modifier) => (salt * 10 + row).toString(2).padStart(modifier, '0').slice(-modifier);

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0').slice(-length);

const day = ({ salt, row }: Sample): string => `2001-${`${(salt % 12) + 1}`.padStart(2, '0')}-${`${row + 10}`}`;
const clock = ({ salt, row }: Sample): string => `0${row}:${`${salt % 60}`.padStart(2, '0')}:07.123456`;

/** By type name. */
const writers: Readonly<Record<string, Write>> = {
  int2: (sample) => `${whole(sample)}`,
  int4: (sample) => `${whole(sample)}`,
  int8: (sample) => `${whole(sample)}`,
  oid: (sample) => `${whole(sample)}`,
  float4: (sample) => `${whole(sample)}.25`,
  float8: (sample) => `${whole(sample)}.25`,
  numeric,
  money: (sample) => `${whole(sample)}.50`,
  bool: ({ salt, row }) => ((salt + row) % 2 === 0 ? 'true' : 'false'),
  text,
  varchar: text,
  bpchar: text,
  name: text,
  citext: text,
  char: ({ row }) => `${row}`,
  bytea: ({ salt, row }) => `\\x${hex(salt, 4)}${hex(row, 2)}`,
  uuid: ({ salt, row }) => `00000000-0000-4000-8000-${hex(salt, 8)}${hex(row, 4)}`,
  json: ({ column, row }) => JSON.stringify({ column, row }),
  jsonb: ({ column, row }) => JSON.stringify({ column, row }),
  xml: ({ row }) => `<row>${row}</row>`,
  date: day,
  timestamp: (sample) => `${day(sample)} ${clock(sample)}`,
  timestamptz: (sample) => `${day(sample)} ${clock(sample)}+00`,
  time: clock,
  timetz: (sample) => `${clock(sample)}+00`,
  interval: ({ salt, row }) => `${salt % 50} days ${row} hours`,
  inet: ({ salt, row }) => `10.${salt % 250}.0.${row}`,
  cidr: ({ salt, row }) => `10.${salt % 250}.${row}.0/24`,
  macaddr: ({ salt, row }) => `08:00:2b:01:${hex(salt, 2)}:0${row}`,
  macaddr8: ({ salt, row }) => `08:00:2b:01:02:03:${hex(salt, 2)}:0${row}`,
  bit: (sample, modifier) => bits(sample, modifier < 1 ? 1 : modifier),
  varbit: (sample, modifier) => bits(sample, modifier < 1 ? 8 : modifier),
  point: ({ salt, row }) => `(${salt},${row})`,
  line: ({ salt, row }) => `{1,${salt},${row}}`,
  lseg: ({ salt, row }) => `[(0,0),(${salt + 1},${row})]`,
  box: ({ salt, row }) => `(${salt + 1},${row}),(0,0)`,
  path: ({ salt, row }) => `[(0,0),(${salt + 1},${row})]`,
  polygon: ({ salt, row }) => `((0,0),(${salt + 1},${row}),(1,0))`,
  circle: ({ salt, row }) => `<(${salt},0),${row}>`,
  tsvector: ({ row }) => `word${row}`,
  tsquery: ({ row }) => `word${row}`,
  pg_lsn: ({ salt, row }) => `${hex(salt, 2)}/${row}`,
  hstore: ({ row }) => `"row"=>"${row}"`,
  ltree: ({ row }) => `rows.row${row}`,
};

/** A value of the type as PostgreSQL reads it; null where we know none. */
export const sampleValue = (types: ColumnTypes, oid: string, modifier: number, sample: Sample): string | null => {
  const type = types.get(oid);
  if (type === undefined) return null;
  const inner = (of: string, innerModifier = -1): string | null => sampleValue(types, of, innerModifier, sample);
  if (type.element !== '0') return wrapped(inner(type.element, modifier), (value) => `{${quoted(value)}}`);
  switch (type.type) {
    case 'e':
      return label(type, sample);
    case 'd':
      return inner(type.base, type.baseModifier);
    case 'r':
      return wrapped(inner(type.base), (value) => `[${quoted(value)},${quoted(value)}]`);
    case 'm':
      return wrapped(inner(type.base), (value) => `{[${quoted(value)},${quoted(value)}]}`);
    default:
      return writers[type.name]?.(sample, modifier) ?? null;
  }
};

const label = ({ labels }: ColumnType, { salt, row }: Sample): string | null =>
  labels.length === 0 ? null : (labels[(salt + row) % labels.length] ?? null);

const wrapped = (value: string | null, around: (value: string) => string): string | null =>
  value === null ? null : around(value);

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
