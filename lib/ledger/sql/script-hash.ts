/** `script_hash(…)`: SHA-256 over what a later revert will trust. */
export const scriptHash = (s: string): string => `
create function ${s}.script_hash(p_version text, p_checksum text, p_up jsonb, p_down jsonb, p_irreversible text, p_verify jsonb)
returns text language sql stable as $f$
  select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.jsonb_build_array(p_version, p_checksum, p_up, p_down, p_irreversible, p_verify)::text, 'UTF8')), 'hex')
$f$;
`;
