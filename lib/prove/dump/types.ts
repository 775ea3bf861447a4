import {
  collationWords,
  commentLine,
  grantLines,
  inUserSchema,
  lines,
  ownedByNoExtension,
  ownerLine,
  qualified,
} from './fragments.ts';
import type { DumpQuery } from './query.ts';

const typeName = qualified('t.typnamespace', 't.typname');
const tail = [
  ownerLine('t.typowner'),
  grantLines('t.typacl', 'T', 't.typowner'),
  commentLine('pg_type', 't.oid'),
] as const;
const ofUser = `${inUserSchema('t.typnamespace')} and ${ownedByNoExtension('pg_type', 't.oid')}`;

/** Enums; the order of their labels counts. */
export const enumsQuery: DumpQuery = `
select 'enum' as kind, ${typeName} as name, null as column_order,
  ${lines(
    "(select string_agg('value ' || quote_literal(e.enumlabel), E'\\n' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)",
    ...tail,
  )} as lines
from pg_type t where t.typtype = 'e' and ${ofUser}`;

/** Domains with their constraints. */
export const domainsQuery: DumpQuery = `
select 'domain' as kind, ${typeName} as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'as', format_type(t.typbasetype, t.typtypmod), ${collationWords('t.typcollation', 'b.typcollation')},
      case when t.typnotnull then 'not null' end, 'default ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)))`,
    `(select string_agg(concat('constraint ', quote_ident(k.conname), ' ', pg_get_constraintdef(k.oid),
        ' comment ' || quote_literal(obj_description(k.oid, 'pg_constraint'))), E'\\n' order by k.conname)
      from pg_constraint k where k.contypid = t.oid)`,
    ...tail,
  )} as lines
from pg_type t join pg_type b on b.oid = t.typbasetype where t.typtype = 'd' and ${ofUser}`;

/** Composite types that are not a table's row. */
export const compositesQuery: DumpQuery = `
select 'composite type' as kind, ${typeName} as name,
  (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as column_order,
  ${lines(
    `(select string_agg(concat_ws(' ', 'attribute', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
        ${collationWords('a.attcollation', 'b.typcollation')}, 'comment ' || quote_literal(col_description(c.oid, a.attnum))), E'\\n' order by a.attname)
      from pg_attribute a join pg_type b on b.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`,
    ...tail,
  )} as lines
from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c' where t.typtype = 'c' and ${ofUser}`;

/** Range types, each with its multirange. */
export const rangesQuery: DumpQuery = `
select 'range type' as kind, ${typeName} as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'of', r.rngsubtype::regtype::text, 'operator class', o.opcname, ${collationWords('r.rngcollation', 'b.typcollation')},
      'canonical ' || nullif(r.rngcanonical::oid, 0)::regprocedure::text, 'difference ' || nullif(r.rngsubdiff::oid, 0)::regprocedure::text,
      'multirange ' || r.rngmultitypid::regtype::text)`,
    ...tail,
  )} as lines
from pg_type t join pg_range r on r.rngtypid = t.oid join pg_type b on b.oid = r.rngsubtype join pg_opclass o on o.oid = r.rngsubopc
where ${ofUser}`;

/** Base types and shell types. */
export const baseTypesQuery: DumpQuery = `
select 'type' as kind, ${typeName} as name, null as column_order,
  ${lines(
    `case when not t.typisdefined then 'shell' else concat_ws(' ', 'input', t.typinput, 'output', t.typoutput, 'receive', t.typreceive, 'send', t.typsend,
      'modifiers in', t.typmodin, 'out', t.typmodout, 'analyze', t.typanalyze, 'subscript', t.typsubscript, 'length', t.typlen,
      case when t.typbyval then 'by value' end, 'align', t.typalign, 'storage', t.typstorage, 'category', t.typcategory, t.typispreferred,
      'delimiter', t.typdelim, 'collation', t.typcollation, 'default ' || t.typdefault) end`,
    ...tail,
  )} as lines
from pg_type t
where (t.typtype = 'b' and t.typelem = 0 or t.typtype = 'p' or t.typtype = 'b' and t.typsubscript = 0 and t.typcategory <> 'A') and ${ofUser}`;
