import { commentLine, inUserSchema, lines, ownedByNoExtension } from './fragments.ts';
import type { DumpQuery } from './query.ts';

const enabled = (state: string): string =>
  `case ${state} when 'D' then 'disabled' when 'A' then 'enabled always' when 'R' then 'enabled replica' end`;

const ofUserTable = (table: string): string =>
  `${inUserSchema(`${table}.relnamespace`)} and ${table}.relpersistence <> 't' and ${ownedByNoExtension('pg_class', `${table}.oid`)}`;

/** Triggers that somebody wrote, and whether they fire. */
export const triggersQuery: DumpQuery = `
select 'trigger' as kind, concat(g.tgrelid::regclass::text, '.', quote_ident(g.tgname)) as name, null as column_order,
  ${lines('pg_get_triggerdef(g.oid)', enabled('g.tgenabled'), commentLine('pg_trigger', 'g.oid'))} as lines
from pg_trigger g join pg_class t on t.oid = g.tgrelid
where not g.tgisinternal and ${ofUserTable('t')}`;

/** Rewrite rules, without those that make a view. */
export const rulesQuery: DumpQuery = `
select 'rule' as kind, concat(r.ev_class::regclass::text, '.', quote_ident(r.rulename)) as name, null as column_order,
  ${lines('pg_get_ruledef(r.oid)', enabled('r.ev_enabled'), commentLine('pg_rewrite', 'r.oid'))} as lines
from pg_rewrite r join pg_class t on t.oid = r.ev_class
where r.rulename <> '_RETURN' and ${ofUserTable('t')}`;

/** Row level security policies. */
export const policiesQuery: DumpQuery = `
select 'policy' as kind, concat(p.polrelid::regclass::text, '.', quote_ident(p.polname)) as name, null as column_order,
  ${lines(
    "case when p.polpermissive then 'permissive' else 'restrictive' end",
    "case p.polcmd when 'r' then 'for select' when 'a' then 'for insert' when 'w' then 'for update' when 'd' then 'for delete' else 'for all' end",
    "'to ' || (select string_agg(case r when 0 then 'public' else r::regrole::text end, ', ' order by r::regrole::text) from unnest(p.polroles) r)",
    "'using (' || pg_get_expr(p.polqual, p.polrelid) || ')'",
    "'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'",
    commentLine('pg_policy', 'p.oid'),
  )} as lines
from pg_policy p join pg_class t on t.oid = p.polrelid
where ${ofUserTable('t')}`;

/** Event triggers of the database. */
export const eventTriggersQuery: DumpQuery = `
select 'event trigger' as kind, quote_ident(e.evtname) as name, null as column_order,
  ${lines(
    "concat('on ', e.evtevent, ' execute ', e.evtfoid::regprocedure::text)",
    "'tags ' || array_to_string(e.evttags, ', ')",
    enabled('e.evtenabled'),
    "'owner ' || e.evtowner::regrole::text",
    commentLine('pg_event_trigger', 'e.oid'),
  )} as lines
from pg_event_trigger e
where ${ownedByNoExtension('pg_event_trigger', 'e.oid')}`;

/** Publications with their tables and schemas. */
export const publicationsQuery: DumpQuery = `
select 'publication' as kind, quote_ident(p.pubname) as name, null as column_order,
  ${lines(
    "concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end)",
    "case when p.puballtables then 'for all tables' end",
    "case when p.pubviaroot then 'via partition root' end",
    `(select string_agg(concat('table ', r.prrelid::regclass::text,
        ' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attname) from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')',
        ' where ' || pg_get_expr(r.prqual, r.prrelid)), E'\\n' order by r.prrelid::regclass::text)
      from pg_publication_rel r where r.prpubid = p.oid)`,
    "(select string_agg('tables in schema ' || s.pnnspid::regnamespace::text, E'\\n' order by s.pnnspid::regnamespace::text) from pg_publication_namespace s where s.pnpubid = p.oid)",
    "'owner ' || p.pubowner::regrole::text",
    commentLine('pg_publication', 'p.oid'),
  )} as lines
from pg_publication p
where ${ownedByNoExtension('pg_publication', 'p.oid')}`;
