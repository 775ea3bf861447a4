import type pg from 'pg';

/** What the rows of one table are, without saying them. */
export interface TablePrint {
  readonly count: number;
  /** Over all rows, whatever their order and that of the columns. */
  readonly rows: string;
  /** Over each column's values. */
  readonly columns: ReadonlyMap<string, string>;
}

/** By qualified name. */
export type RowPrints = ReadonlyMap<string, TablePrint>;

const tablesSql = (ledgerSchema: string): string => `
select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'r' as is_plain
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${ledgerSchema}')
  and not exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and x.objid = c.oid and x.deptype = 'e')
order by 1`;

/** One print of many values, whatever their order. */
const said = (column: string): string =>
  `md5(coalesce(string_agg(${column}::text, E'\\n' order by ${column}::text), ''))`;

const printSql = (name: string, isPlain: boolean, literal: (text: string) => string): string => {
  const from = `${isPlain ? 'only ' : ''}${name}`;
  return `select ${literal(name)} as relation, null as column_name, count(*)::int as count, ${said('to_jsonb(t)')} as print from ${from} t
union all select ${literal(name)}, e.key, count(*)::int, ${said('e.value')} from ${from} t, jsonb_each(to_jsonb(t)) e group by e.key`;
};

interface PrintRow {
  readonly relation: string;
  readonly column_name: string | null;
  readonly count: number;
  readonly print: string;
}

/** Reads every table once. Meant for the few rows of a scratch database. */
export const readRowPrints = async (client: pg.Client, ledgerSchema: string): Promise<RowPrints> => {
  const { rows: tables } = await client.query<{ name: string; is_plain: boolean }>(tablesSql(ledgerSchema));
  if (tables.length === 0) return new Map();
  const sql = tables.map(({ name, is_plain }) => printSql(name, is_plain, (text) => client.escapeLiteral(text)));
  const { rows } = await client.query<PrintRow>(sql.join('\nunion all\n'));
  const prints = new Map<string, { count: number; rows: string; columns: Map<string, string> }>();
  for (const { name } of tables) prints.set(name, { count: 0, rows: '', columns: new Map() });
  for (const { relation, column_name, count, print } of rows) {
    const table = prints.get(relation);
    if (table === undefined) continue;
    if (column_name === null) Object.assign(table, { count, rows: print });
    else table.columns.set(column_name, print);
  }
  return prints;
};

/** Tables whose rows are not what they were, one line a table; it names columns and counts, but no value. */
export const changedRows = (before: RowPrints, after: RowPrints): readonly string[] =>
  [...before].flatMap(([name, then]) => {
    const now = after.get(name);
    if (now === undefined) return then.count > 0 ? [`${name}: gone with ${then.count} rows`] : [];
    if (then.rows === now.rows) return [];
    if (now.count !== then.count) return [`${name}: ${now.count} rows, there were ${then.count}`];
    const columns = [...then.columns].flatMap(([column, print]) => (now.columns.get(column) === print ? [] : [column]));
    return [`${name}: ${columns.length === 0 ? 'rows' : columns.join(', ')} not as before`];
  });
