import { commentLine, inUserSchema, lines, ownedByNoExtension, ownerLine, qualified } from './fragments.ts';
import type { DumpQuery } from './query.ts';

/** Operators; an operator's name is not quoted. */
export const operatorsQuery: DumpQuery = `
select 'operator' as kind, o.oid::regoperator::text as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'function', o.oprcode, 'returns', format_type(o.oprresult, null), 'commutator ' || nullif(o.oprcom, 0)::regoperator::text,
      'negator ' || nullif(o.oprnegate, 0)::regoperator::text, 'restrict ' || nullif(o.oprrest::oid, 0)::regproc::text, 'join ' || nullif(o.oprjoin::oid, 0)::regproc::text,
      case when o.oprcanmerge then 'merges' end, case when o.oprcanhash then 'hashes' end)`,
    ownerLine('o.oprowner'),
    commentLine('pg_operator', 'o.oid'),
  )} as lines
from pg_operator o where ${inUserSchema('o.oprnamespace')} and ${ownedByNoExtension('pg_operator', 'o.oid')}`;

/** Operator classes; their operators and functions stand with the family. */
export const operatorClassesQuery: DumpQuery = `
select 'operator class' as kind, concat(${qualified('o.opcnamespace', 'o.opcname')}, ' using ', quote_ident(m.amname)) as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'for', format_type(o.opcintype, null), case when o.opcdefault then 'default' end, 'family', f.opfnamespace::regnamespace, f.opfname,
      'storage ' || format_type(nullif(o.opckeytype, 0), null))`,
    ownerLine('o.opcowner'),
    commentLine('pg_opclass', 'o.oid'),
  )} as lines
from pg_opclass o join pg_am m on m.oid = o.opcmethod join pg_opfamily f on f.oid = o.opcfamily
where ${inUserSchema('o.opcnamespace')} and ${ownedByNoExtension('pg_opclass', 'o.oid')}`;

/** Operator families with everything in them. */
export const operatorFamiliesQuery: DumpQuery = `
select 'operator family' as kind, concat(${qualified('f.opfnamespace', 'f.opfname')}, ' using ', quote_ident(m.amname)) as name, null as column_order,
  ${lines(
    `(select string_agg(concat('operator ', o.amopstrategy, ' ', o.amopopr::regoperator, ' for ', o.amoppurpose, ' ' || nullif(o.amopsortfamily, 0)), E'\\n'
        order by o.amopstrategy, o.amopopr::regoperator::text) from pg_amop o where o.amopfamily = f.oid)`,
    `(select string_agg(concat('function ', p.amprocnum, ' (', format_type(p.amproclefttype, null), ', ', format_type(p.amprocrighttype, null), ') ', p.amproc::regprocedure), E'\\n'
        order by p.amprocnum, p.amproclefttype::regtype::text, p.amprocrighttype::regtype::text) from pg_amproc p where p.amprocfamily = f.oid)`,
    ownerLine('f.opfowner'),
    commentLine('pg_opfamily', 'f.oid'),
  )} as lines
from pg_opfamily f join pg_am m on m.oid = f.opfmethod
where ${inUserSchema('f.opfnamespace')} and ${ownedByNoExtension('pg_opfamily', 'f.oid')}`;

/** Index and table access methods. */
export const accessMethodsQuery: DumpQuery = `
select 'access method' as kind, quote_ident(m.amname) as name, null as column_order,
  ${lines("concat_ws(' ', 'type', m.amtype, 'handler', m.amhandler)", commentLine('pg_am', 'm.oid'))} as lines
from pg_am m where m.oid >= 16384 and ${ownedByNoExtension('pg_am', 'm.oid')}`;

/** Collations. The columns' names differ between major versions, so the row is read as JSON. */
export const collationsQuery: DumpQuery = `
select 'collation' as kind, ${qualified('c.collnamespace', 'c.collname')} as name, null as column_order,
  ${lines(
    `concat_ws(' ', 'provider', c.collprovider, 'encoding', c.collencoding, case when not c.collisdeterministic then 'not deterministic' end,
      'collate ' || c.collcollate, 'ctype ' || c.collctype, 'locale ' || coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'), 'rules ' || (to_jsonb(c) ->> 'collicurules'))`,
    ownerLine('c.collowner'),
    commentLine('pg_collation', 'c.oid'),
  )} as lines
from pg_collation c where ${inUserSchema('c.collnamespace')} and ${ownedByNoExtension('pg_collation', 'c.oid')}`;

/** Conversions between encodings. */
export const conversionsQuery: DumpQuery = `
select 'conversion' as kind, ${qualified('c.connamespace', 'c.conname')} as name, null as column_order,
  ${lines(
    "concat_ws(' ', pg_encoding_to_char(c.conforencoding), 'to', pg_encoding_to_char(c.contoencoding), 'by', c.conproc, case when c.condefault then 'default' end)",
    ownerLine('c.conowner'),
    commentLine('pg_conversion', 'c.oid'),
  )} as lines
from pg_conversion c where ${inUserSchema('c.connamespace')} and ${ownedByNoExtension('pg_conversion', 'c.oid')}`;
