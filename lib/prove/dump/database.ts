import { commentLine, grantLines, grantWords, lines, optionsLine, ownedByNoExtension, ownerLine } from './fragments.ts';
import type { DumpQuery } from './query.ts';

/** Schemas. */
export const schemasQuery: DumpQuery = `
select 'schema' as kind, quote_ident(n.nspname) as name, null as column_order,
  ${lines(ownerLine('n.nspowner'), grantLines('n.nspacl', 'n', 'n.nspowner'), commentLine('pg_namespace', 'n.oid'))} as lines
from pg_namespace n where n.oid in (select oid from user_schema) and ${ownedByNoExtension('pg_namespace', 'n.oid')}`;

/** Extensions; what they brought stands nowhere else. */
export const extensionsQuery: DumpQuery = `
select 'extension' as kind, quote_ident(e.extname) as name, null as column_order,
  ${lines("concat('version ', e.extversion, ' schema ', e.extnamespace::regnamespace)", ownerLine('e.extowner'), commentLine('pg_extension', 'e.oid'))} as lines
from pg_extension e`;

/** Privileges that objects will have when they are made. */
export const defaultPrivilegesQuery: DumpQuery = `
select 'default privileges' as kind,
  concat('of ', a.defaclrole::regrole, ' on ', case a.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
    ' in schema ' || nullif(a.defaclnamespace, 0)::regnamespace::text) as name, null as column_order,
  coalesce((select string_agg(${grantWords('x', 'grant')}, E'\\n' order by ${grantWords('x', 'grant')}) from aclexplode(a.defaclacl) x), 'none') as lines
from pg_default_acl a where a.defaclnamespace = 0 or a.defaclnamespace in (select oid from user_schema)`;

/** What ALTER DATABASE and ALTER ROLE IN DATABASE set. The name of the database differs from copy to copy and is left out. */
export const settingsQuery: DumpQuery = `
select 'settings' as kind, coalesce('of role ' || nullif(s.setrole, 0)::regrole::text, 'of the database') as name, null as column_order,
  array_to_string(array(select v from unnest(s.setconfig) v order by v), E'\\n') as lines
from pg_db_role_setting s where s.setdatabase = (select d.oid from pg_database d where d.datname = current_database())`;

/** Foreign-data wrappers. */
export const foreignDataWrappersQuery: DumpQuery = `
select 'foreign-data wrapper' as kind, quote_ident(w.fdwname) as name, null as column_order,
  ${lines(
    "concat_ws(' ', 'handler ' || nullif(w.fdwhandler, 0)::regprocedure::text, 'validator ' || nullif(w.fdwvalidator, 0)::regprocedure::text)",
    optionsLine('w.fdwoptions', 'options'),
    ownerLine('w.fdwowner'),
    grantLines('w.fdwacl', 'F', 'w.fdwowner'),
    commentLine('pg_foreign_data_wrapper', 'w.oid'),
  )} as lines
from pg_foreign_data_wrapper w where ${ownedByNoExtension('pg_foreign_data_wrapper', 'w.oid')}`;

/** Foreign servers, and for whom there is a user mapping; a mapping's options hold passwords and are left out. */
export const foreignServersQuery: DumpQuery = `
select 'foreign server' as kind, quote_ident(s.srvname) as name, null as column_order,
  ${lines(
    "concat_ws(' ', 'wrapper', (select quote_ident(w.fdwname) from pg_foreign_data_wrapper w where w.oid = s.srvfdw), 'type ' || s.srvtype, 'version ' || s.srvversion)",
    optionsLine('s.srvoptions', 'options'),
    "(select string_agg('user mapping for ' || quote_ident(m.usename), E'\\n' order by m.usename) from pg_user_mappings m where m.srvid = s.oid)",
    ownerLine('s.srvowner'),
    grantLines('s.srvacl', 'S', 's.srvowner'),
    commentLine('pg_foreign_server', 's.oid'),
  )} as lines
from pg_foreign_server s where ${ownedByNoExtension('pg_foreign_server', 's.oid')}`;

/** Roles and whose members they are. They belong to the server, so only a server of our own is asked. */
export const rolesQuery: DumpQuery = `
select 'role' as kind, quote_ident(r.rolname) as name, null as column_order,
  ${lines(
    `concat_ws(' ', case when r.rolsuper then 'superuser' end, case when r.rolcanlogin then 'login' end, case when r.rolcreatedb then 'createdb' end,
      case when r.rolcreaterole then 'createrole' end, case when r.rolreplication then 'replication' end, case when r.rolbypassrls then 'bypassrls' end,
      case when not r.rolinherit then 'noinherit' end, 'connection limit ' || nullif(r.rolconnlimit, -1), 'valid until ' || r.rolvaliduntil)`,
    "(select string_agg(concat('member of ', m.roleid::regrole, case when m.admin_option then ' with admin option' end), E'\\n' order by m.roleid::regrole::text) from pg_auth_members m where m.member = r.oid)",
    "(select 'set ' || array_to_string(array(select v from unnest(s.setconfig) v order by v), ', ') from pg_db_role_setting s where s.setrole = r.oid and s.setdatabase = 0)",
    commentLine('pg_authid', 'r.oid').replace('obj_description', 'shobj_description'),
  )} as lines
from pg_roles r where r.rolname !~ '^pg_'`;
