import {
  commentLine,
  inUserSchema,
  lines,
  optionsLine,
  ownedByNoExtension,
  qualified,
  tablespaceLine,
} from './fragments.ts';
import type { DumpQuery } from './query.ts';

/** What an index is besides its definition; `i` is its pg_index row, `c` its pg_class row. */
const indexState = [
  "case when not i.indisvalid then 'invalid' end",
  "case when not i.indisready then 'not ready' end",
  "case when i.indisclustered then 'clustered' end",
  "case when i.indisreplident then 'replica identity' end",
  "case when not i.indimmediate then 'deferrable' end",
  "(select 'attached to ' || h.inhparent::regclass::text from pg_inherits h where h.inhrelid = i.indexrelid)",
  `(select string_agg(concat('statistics of column ', a.attnum, ' ', a.attstattarget), E'\\n' order by a.attnum) from pg_attribute a
    where a.attrelid = i.indexrelid and nullif(a.attstattarget, -1) is not null)`,
  tablespaceLine('c.reltablespace'),
] as const;

/** Indexes that no constraint owns. */
export const indexesQuery: DumpQuery = `
select 'index' as kind, ${qualified('c.relnamespace', 'c.relname')} as name, null as column_order,
  ${lines('pg_get_indexdef(i.indexrelid)', ...indexState, commentLine('pg_class', 'c.oid'))} as lines
from pg_index i join pg_class c on c.oid = i.indexrelid
where ${inUserSchema('c.relnamespace')} and ${ownedByNoExtension('pg_class', 'i.indrelid')} and c.relpersistence <> 't'
  and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))`;

/** Constraints of tables, each with the index that it owns. */
export const constraintsQuery: DumpQuery = `
select 'constraint' as kind, concat(k.conrelid::regclass::text, '.', quote_ident(k.conname)) as name, null as column_order,
  ${lines(
    'pg_get_constraintdef(k.oid)',
    "case when not k.convalidated and pg_get_constraintdef(k.oid) !~ 'NOT VALID$' then 'not valid' end",
    "case when k.coninhcount > 0 then case when k.conislocal then 'merged with the parent''s' else 'inherited' end end",
    `(select concat('triggers ', string_agg(distinct case g.tgenabled when 'D' then 'disabled' when 'A' then 'enabled always' else 'enabled replica' end, ', '))
      from pg_trigger g where g.tgconstraint = k.oid and g.tgenabled <> 'O' having count(*) > 0)`,
    `(select nullif(${lines(...indexState, optionsLine('c.reloptions'))}, '') from pg_index i join pg_class c on c.oid = i.indexrelid
      where k.contype in ('p', 'u', 'x') and i.indexrelid = k.conindid)`,
    commentLine('pg_constraint', 'k.oid'),
  )} as lines
from pg_constraint k join pg_class t on t.oid = k.conrelid
where k.conparentid = 0 and ${inUserSchema('t.relnamespace')} and t.relpersistence <> 't' and ${ownedByNoExtension('pg_class', 't.oid')}`;

/** Extended statistics. */
export const statisticsQuery: DumpQuery = `
select 'statistics' as kind, ${qualified('s.stxnamespace', 's.stxname')} as name, null as column_order,
  ${lines(
    'pg_get_statisticsobjdef(s.oid)',
    "'target ' || nullif(s.stxstattarget, -1)",
    "'owner ' || s.stxowner::regrole::text",
    commentLine('pg_statistic_ext', 's.oid'),
  )} as lines
from pg_statistic_ext s
where ${inUserSchema('s.stxnamespace')} and ${ownedByNoExtension('pg_statistic_ext', 's.oid')}`;
