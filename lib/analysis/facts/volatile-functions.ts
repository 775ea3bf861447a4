import { builtInFunctions } from './built-in-functions.ts';
import { extensionFunctions } from './extension-functions.ts';

/** Functions of PostgreSQL 17 and its extensions whose result differs from row to row: `pg_proc.provolatile` is `v`. */
const volatileFunctions = new Set(
  `array_sample array_shuffle clock_timestamp currval gen_random_uuid lastval lo_creat lo_create lo_from_bytea lo_import
   nextval pg_create_restore_point pg_current_wal_lsn pg_logical_emit_message pg_notify pg_sleep random random_normal
   set_config setseed setval timeofday uuidv4 uuidv7
   gen_random_bytes gen_salt pgp_sym_encrypt pgp_pub_encrypt uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4`.split(
    /\s+/,
  ),
);

/** Functions that take no argument: with one they are another function, which the user made. */
const withoutArguments = new Set(
  'clock_timestamp current_database current_schema current_user gen_random_uuid lastval now pi session_user statement_timestamp system_user timeofday transaction_timestamp version'.split(
    ' ',
  ),
);

/** Whether PostgreSQL would call the function for each row; so it does by default for one that is not known. */
export const isVolatileFunction = (parts: readonly string[], argumentCount: number): boolean => {
  const name = parts.at(-1) ?? '';
  const own = parts.length === 1 || parts[0] === 'pg_catalog';
  if (withoutArguments.has(name) && argumentCount > 0) return true;
  return volatileFunctions.has(name) || !((own && builtInFunctions.has(name)) || extensionFunctions.has(name));
};
