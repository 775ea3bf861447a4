import pg from 'pg';
import { type Catalogue, catalogueSchema } from '../analysis/index.ts';

const actionOf = (column: string): string =>
  `case k.${column} when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' else 'no action' end`;

/** Rows and bytes of each relation are those of its partitions together: https://www.postgresql.org/docs/17/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE */
const relationsSql = `
with relation as (
  select c.oid, n.nspname, c.relname, c.relkind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> $1
)
select json_build_object(
  'kind', case r.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'f' then 'foreign table' when 'v' then 'view'
    when 'm' then 'materialized view' else 'sequence' end,
  'schema', r.nspname, 'name', r.relname,
  'rows', size.rows, 'bytes', size.bytes,
  'parents', (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', p.relname) order by i.inhseqno), '[]')
    from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace n on n.oid = p.relnamespace where i.inhrelid = r.oid),
  'columns', case when r.relkind = 'S' then '[]'::json else (select coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
      'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
      'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
      'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
      'serial', a.attidentity = '' and exists (select from pg_depend o join pg_class s on s.oid = o.objid and s.relkind = 'S'
        where o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass and o.refobjid = r.oid and o.refobjsubid = a.attnum
          and o.deptype = 'a')) order by a.attnum), '[]')
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped) end,
  'constraints', (select coalesce(json_agg(json_build_object(
      'name', k.conname,
      'type', case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'c' then 'check' when 'f' then 'foreign key'
        when 'n' then 'not null' else 'exclusion' end,
      'columns', (select coalesce(json_agg(a.attname order by x.n), '[]') from unnest(k.conkey) with ordinality x (attnum, n)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.attnum),
      'expression', case k.contype when 'c' then pg_get_expr(k.conbin, k.conrelid) end,
      'references', case k.contype when 'f' then (select json_build_object(
          'table', json_build_object('schema', n.nspname, 'name', t.relname),
          'columns', (select json_agg(a.attname order by x.n) from unnest(k.confkey) with ordinality x (attnum, n)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.attnum),
          'onDelete', ${actionOf('confdeltype')},
          'onUpdate', ${actionOf('confupdtype')})
        from pg_class t join pg_namespace n on n.oid = t.relnamespace where t.oid = k.confrelid) end,
      'valid', k.convalidated) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = r.oid and k.contype in ('p', 'u', 'c', 'f', 'n', 'x'))
)::text as line
from relation r, lateral (
  select
    case when r.relkind in ('r', 'm', 'p') then sum(pg_total_relation_size(part.oid))::bigint end as bytes,
    case when r.relkind in ('r', 'm', 'p') and bool_and(part.reltuples >= 0) then sum(part.reltuples)::bigint end as rows
  from pg_class part
  where part.oid = r.oid and r.relkind <> 'p'
    or r.relkind = 'p' and part.relkind = 'r' and part.oid in (select tree.relid from pg_partition_tree(r.oid) tree)
) size
order by r.nspname, r.relname`;

const indexesSql = `
select json_build_object('schema', n.nspname, 'name', c.relname,
  'table', json_build_object('schema', tn.nspname, 'name', t.relname),
  'method', m.amname, 'unique', i.indisunique,
  'columns', (select json_agg(a.attname order by x.n) from unnest(i.indkey::smallint[]) with ordinality x (attnum, n)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = x.attnum and x.attnum > 0 where x.n <= i.indnkeyatts),
  'partial', i.indpred is not null,
  'constraint', (select k.conname from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x') limit 1))::text as line
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid join pg_namespace tn on tn.oid = t.relnamespace join pg_am m on m.oid = c.relam
where i.indisvalid and t.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> $1
order by n.nspname, c.relname`;

const linesOf = async (client: pg.Client, sql: string, ledgerSchema: string): Promise<unknown[]> => {
  const { rows } = await client.query<{ line: string }>(sql, [ledgerSchema]);
  return rows.map(({ line }) => JSON.parse(line) as unknown);
};

/** The last version that the ledger there has applied; null where there is none, or none that may be read. */
const lastAppliedIn = async (client: pg.Client, ledgerSchema: string): Promise<string | null> => {
  const table = `${pg.escapeIdentifier(ledgerSchema)}.migration`;
  const { rows } = await client.query<{ may: boolean | null }>(
    `select has_table_privilege(to_regclass($1), 'select') as may`,
    [table],
  );
  if (rows[0]?.may !== true) return null;
  const answer = await client.query<{ last: string | null }>(
    `select max(version) as last from ${table} where state = 'applied'`,
  );
  return answer.rows[0]?.last ?? null;
};

/** What the database at `url` holds, read in one read-only transaction; the ledger's own schema is left out. */
export const readCatalogue = async (url: string, ledgerSchema: string): Promise<Catalogue> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    // every name but PostgreSQL's own is then printed with its schema
    await client.query("set local search_path = ''");
    return catalogueSchema.parse({
      format: 1,
      lastApplied: await lastAppliedIn(client, ledgerSchema),
      relations: await linesOf(client, relationsSql, ledgerSchema),
      indexes: await linesOf(client, indexesSql, ledgerSchema),
    });
  } finally {
    await client.end();
  }
};
