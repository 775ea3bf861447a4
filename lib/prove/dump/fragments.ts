/**
 * Pieces of the dump's SQL. `search_path` is `pg_catalog` while they run, so that PostgreSQL qualifies every other name itself.
 * https://www.postgresql.org/docs/17/catalogs.html
 */

/** Holds for the schemas that are neither PostgreSQL's nor the ledger's; `user_schema` is a CTE of every query. */
export const inUserSchema = (oid: string): string => `${oid} in (select oid from user_schema)`;

/** Holds for what no extension brought. */
export const ownedByNoExtension = (catalogue: string, oid: string): string =>
  `not exists (select from pg_depend x where x.classid = '${catalogue}'::regclass and x.objid = ${oid} and x.deptype = 'e')`;

/** Holds for what no other object brought, as a range type brings its constructors. */
export const madeAlone = (catalogue: string, oid: string): string =>
  `not exists (select from pg_depend x where x.classid = '${catalogue}'::regclass and x.objid = ${oid} and x.deptype in ('e', 'i'))`;

/** A schema's object as one quoted name. */
export const qualified = (schemaOid: string, name: string): string =>
  `concat(${schemaOid}::regnamespace::text, '.', quote_ident(${name}))`;

/** Non-null lines of text, one under the other. */
export const lines = (...parts: readonly string[]): string =>
  `array_to_string(array[${parts.join(', ')}]::text[], E'\\n')`;

export const ownerLine = (owner: string): string => `'owner ' || ${owner}::regrole::text`;

export const commentLine = (catalogue: string, oid: string): string =>
  `'comment ' || quote_literal(obj_description(${oid}, '${catalogue}'))`;

const grantee = (x: string): string => `case ${x}.grantee when 0 then 'public' else ${x}.grantee::regrole::text end`;

/** A line of `aclexplode` in GRANT's words; `on` stands before TO, e.g. a column. */
export const grantWords = (x: string, verb: string, on = "''"): string =>
  `concat('${verb} ', ${x}.privilege_type, ${on}, ' to ', ${grantee(x)}, case when ${x}.is_grantable then ' with grant option' end, ' by ', ${x}.grantor::regrole::text)`;

/**
 * What differs from the privileges that an object of this kind has by default, as lines; null when nothing does. An ACL that says the
 * default in so many words (after GRANT and REVOKE) is the same as none. `letter` as in
 * https://www.postgresql.org/docs/17/functions-info.html#FUNCTIONS-ACLITEM-FN-TABLE
 */
export const grantLines = (
  acl: string,
  letter: string,
  owner: string,
  on = "''",
): string => `case when ${acl} is not null then (
  select string_agg(word, E'\\n' order by word) from (
    (select ${grantWords('x', 'grant', on)} as word from aclexplode(${acl}) x
     except select ${grantWords('x', 'grant', on)} from aclexplode(acldefault('${letter}', ${owner})) x)
    union all
    (select ${grantWords('x', 'revoked', on)} from aclexplode(acldefault('${letter}', ${owner})) x
     except select ${grantWords('x', 'revoked', on)} from aclexplode(${acl}) x)
  ) words) end`;

/** `with (a=1, b=2)` of an options array, in the order of names. */
export const optionsLine = (options: string, word = 'with'): string =>
  `'${word} (' || (select string_agg(o, ', ' order by o) from unnest(${options}) o) || ')'`;

/** A tablespace that is not the database's own. */
export const tablespaceLine = (oid: string): string =>
  `'tablespace ' || (select quote_ident(s.spcname) from pg_tablespace s where s.oid = ${oid})`;

/** A collation that is not the one of the type. */
export const collationWords = (collation: string, typeCollation: string): string =>
  `case when ${collation} <> 0 and ${collation} <> ${typeCollation} then 'collate ' || ${collation}::regcollation::text end`;
