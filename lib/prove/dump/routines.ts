import {
  commentLine,
  grantLines,
  inUserSchema,
  lines,
  madeAlone,
  ownedByNoExtension,
  ownerLine,
  qualified,
} from './fragments.ts';
import type { DumpQuery } from './query.ts';

const identity = `concat(${qualified('p.pronamespace', 'p.proname')}, '(', pg_get_function_identity_arguments(p.oid), ')')`;
const tail = [
  ownerLine('p.proowner'),
  grantLines('p.proacl', 'f', 'p.proowner'),
  commentLine('pg_proc', 'p.oid'),
] as const;
const ofUser = `${inUserSchema('p.pronamespace')} and ${madeAlone('pg_proc', 'p.oid')}`;

/** Functions and procedures with their whole text. */
export const routinesQuery: DumpQuery = `
select case p.prokind when 'p' then 'procedure' else 'function' end as kind, ${identity} as name, null as column_order,
  ${lines("rtrim(pg_get_functiondef(p.oid), E'\\n')", ...tail)} as lines
from pg_proc p where p.prokind <> 'a' and ${ofUser}`;

const function_ = (column: string): string => `nullif(a.${column}::oid, 0)::regprocedure::text`;

/** Aggregates, which pg_get_functiondef does not know. */
export const aggregatesQuery: DumpQuery = `
select 'aggregate' as kind, ${identity} as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'returns', format_type(p.prorettype, null), 'kind', a.aggkind, 'direct arguments', a.aggnumdirectargs, 'parallel', p.proparallel,
      'arguments', pg_get_function_arguments(p.oid))`,
    `concat_ws(' ', 'state', format_type(a.aggtranstype, null), 'by', ${function_('aggtransfn')}, 'initial ' || quote_literal(a.agginitval), 'space', a.aggtransspace)`,
    `'final ' || ${function_('aggfinalfn')} || concat(' ', a.aggfinalmodify, a.aggfinalextra)`,
    `'combine ' || ${function_('aggcombinefn')}`,
    `'serialize ' || ${function_('aggserialfn')}`,
    `'deserialize ' || ${function_('aggdeserialfn')}`,
    `'moving ' || ${function_('aggmtransfn')} || concat_ws(' ', '', ${function_('aggminvtransfn')}, ${function_('aggmfinalfn')}, format_type(nullif(a.aggmtranstype, 0), null), quote_literal(a.aggminitval))`,
    "'sort operator ' || nullif(a.aggsortop, 0)::regoperator::text",
    ...tail,
  )} as lines
from pg_proc p join pg_aggregate a on a.aggfnoid = p.oid where ${ofUser}`;

/** Casts that are not PostgreSQL's own; both types name one. */
export const castsQuery: DumpQuery = `
select 'cast' as kind, concat(format_type(c.castsource, null), ' as ', format_type(c.casttarget, null)) as name, null as column_order,
  ${lines(
    "concat_ws(' ', case c.castmethod when 'i' then 'with inout' when 'b' then 'without function' else 'with function ' || c.castfunc::regprocedure::text end, case c.castcontext when 'a' then 'as assignment' when 'i' then 'as implicit' end)",
    commentLine('pg_cast', 'c.oid'),
  )} as lines
from pg_cast c where c.oid >= 16384 and ${madeAlone('pg_cast', 'c.oid')}`;

/** Procedural languages that somebody installed. */
export const languagesQuery: DumpQuery = `
select 'language' as kind, quote_ident(l.lanname) as name, null as column_order,
  ${lines(
    "concat_ws(' ', case when l.lanpltrusted then 'trusted' end, 'handler', nullif(l.lanplcallfoid, 0)::regprocedure, 'inline ' || nullif(l.laninline, 0)::regprocedure::text, 'validator ' || nullif(l.lanvalidator, 0)::regprocedure::text)",
    ownerLine('l.lanowner'),
    grantLines('l.lanacl', 'l', 'l.lanowner'),
    commentLine('pg_language', 'l.oid'),
  )} as lines
from pg_language l where (l.oid >= 16384 or l.lanacl is not null) and ${ownedByNoExtension('pg_language', 'l.oid')}`;

/** Transforms, each named by its type and language. */
export const transformsQuery: DumpQuery = `
select 'transform' as kind, concat('for ', format_type(t.trftype, null), ' language ', quote_ident(l.lanname)) as name, null as column_order,
  ${lines("concat('from ', t.trffromsql::regprocedure)", "concat('to ', t.trftosql::regprocedure)", commentLine('pg_transform', 't.oid'))} as lines
from pg_transform t join pg_language l on l.oid = t.trflang where ${ownedByNoExtension('pg_transform', 't.oid')}`;
