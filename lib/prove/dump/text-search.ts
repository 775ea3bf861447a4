import { commentLine, inUserSchema, lines, ownedByNoExtension, ownerLine, qualified } from './fragments.ts';
import type { DumpQuery } from './query.ts';

/** Text search configurations with their mappings. */
export const textSearchConfigurationsQuery: DumpQuery = `
select 'text search configuration' as kind, ${qualified('c.cfgnamespace', 'c.cfgname')} as name, null as column_order,
  ${lines(
    "'parser ' || (select concat(p.prsnamespace::regnamespace, '.', quote_ident(p.prsname)) from pg_ts_parser p where p.oid = c.cfgparser)",
    `(select string_agg(concat('token ', m.maptokentype, ' ', m.mapseqno, ' ', m.mapdict::regdictionary), E'\\n' order by m.maptokentype, m.mapseqno)
      from pg_ts_config_map m where m.mapcfg = c.oid)`,
    ownerLine('c.cfgowner'),
    commentLine('pg_ts_config', 'c.oid'),
  )} as lines
from pg_ts_config c where ${inUserSchema('c.cfgnamespace')} and ${ownedByNoExtension('pg_ts_config', 'c.oid')}`;

/** Text search dictionaries. */
export const textSearchDictionariesQuery: DumpQuery = `
select 'text search dictionary' as kind, ${qualified('d.dictnamespace', 'd.dictname')} as name, null as column_order,
  ${lines(
    "(select concat('template ', t.tmplnamespace::regnamespace, '.', quote_ident(t.tmplname)) from pg_ts_template t where t.oid = d.dicttemplate)",
    "'options ' || d.dictinitoption",
    ownerLine('d.dictowner'),
    commentLine('pg_ts_dict', 'd.oid'),
  )} as lines
from pg_ts_dict d where ${inUserSchema('d.dictnamespace')} and ${ownedByNoExtension('pg_ts_dict', 'd.oid')}`;

/** Text search parsers. */
export const textSearchParsersQuery: DumpQuery = `
select 'text search parser' as kind, ${qualified('p.prsnamespace', 'p.prsname')} as name, null as column_order,
  ${lines("concat_ws(' ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)", commentLine('pg_ts_parser', 'p.oid'))} as lines
from pg_ts_parser p where ${inUserSchema('p.prsnamespace')} and ${ownedByNoExtension('pg_ts_parser', 'p.oid')}`;

/** Text search templates. */
export const textSearchTemplatesQuery: DumpQuery = `
select 'text search template' as kind, ${qualified('t.tmplnamespace', 't.tmplname')} as name, null as column_order,
  ${lines("concat_ws(' ', t.tmplinit, t.tmpllexize)", commentLine('pg_ts_template', 't.oid'))} as lines
from pg_ts_template t where ${inUserSchema('t.tmplnamespace')} and ${ownedByNoExtension('pg_ts_template', 't.oid')}`;
