import type pg from 'pg';

/** A type as the catalogue has it. */
export interface ColumnType {
  readonly oid: string;
  readonly name: string;
  /** `typtype`: b base, e enum, d domain, r range, m multirange, c composite. */
  readonly type: string;
  readonly category: string;
  /** Of an array's elements, or `0`. */
  readonly element: string;
  /** What a domain or a range is made of, or `0`. */
  readonly base: string;
  readonly baseModifier: number;
  readonly labels: readonly string[];
}

export type ColumnTypes = ReadonlyMap<string, ColumnType>;

const typesSql = `select t.oid::text, t.typname as name, t.typtype as type, t.typcategory as category,
  case when t.typcategory = 'A' then t.typelem else 0 end::text as element,
  coalesce(nullif(t.typbasetype, 0), (select r.rngsubtype from pg_catalog.pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)), 0)::text as base,
  t.typtypmod as "baseModifier",
  array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
from pg_catalog.pg_type t`;

export const readColumnTypes = async (client: pg.Client): Promise<ColumnTypes> => {
  const { rows } = await client.query<ColumnType>(typesSql);
  return new Map(rows.map((row) => [row.oid, row]));
};
