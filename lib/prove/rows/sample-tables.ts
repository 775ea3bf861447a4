import type pg from 'pg';

/** A column that a row gives a value. */
export interface SampleColumn {
  readonly name: string;
  /** `schema.table.column`, quoted. */
  readonly key: string;
  readonly type: string;
  readonly modifier: number;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly isAlwaysIdentity: boolean;
}

export interface SampleTable {
  /** Qualified. */
  readonly name: string;
  readonly columns: readonly SampleColumn[];
  /** Texts of the CHECK constraints. */
  readonly checks: readonly string[];
}

/** A foreign key's column and what it points to, both as `schema.table.column`. */
export interface Reference {
  readonly from: string;
  readonly to: string;
}

const tablesSql = (ledgerSchema: string): string => `
select pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  (select pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'key', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname), 'type', a.atttypid::text, 'modifier', a.atttypmod, 'isRequired', a.attnotnull,
      'hasDefault', a.atthasdef or a.attidentity <> '', 'isAlwaysIdentity', a.attidentity = 'a') order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
  array(select pg_catalog.pg_get_constraintdef(k.oid) from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checks
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${ledgerSchema}')
  and not exists (select from pg_catalog.pg_depend x where x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and x.objid = c.oid and x.deptype = 'e')
order by 1`;

const referencesSql = `
select pg_catalog.format('%I.%I.%I', fn.nspname, f.relname, a.attname) as "from",
  pg_catalog.format('%I.%I.%I', tn.nspname, t.relname, b.attname) as "to"
from pg_catalog.pg_constraint k
cross join lateral rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) as pair(own, other)
join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own
join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.other
join pg_catalog.pg_class f on f.oid = k.conrelid join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
join pg_catalog.pg_class t on t.oid = k.confrelid join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
where k.contype = 'f' order by k.conrelid::pg_catalog.regclass::text, k.conname`;

export const readSampleTables = async (client: pg.Client, ledgerSchema: string): Promise<readonly SampleTable[]> => {
  const { rows } = await client.query<{ name: string; columns: SampleColumn[] | null; checks: string[] }>(
    tablesSql(ledgerSchema),
  );
  return rows.map(({ name, columns, checks }) => ({ name, columns: columns ?? [], checks }));
};

export const readReferences = async (client: pg.Client): Promise<readonly Reference[]> =>
  (await client.query<Reference>(referencesSql)).rows;
