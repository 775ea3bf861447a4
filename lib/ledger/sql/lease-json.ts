/** `lease_json()`: the lease as it is committed. */
export const leaseJson = (s: string): string => `
create function ${s}.lease_json() returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $f$
  select jsonb_build_object('token', l.token, 'holder', l.holder, 'since', ${s}.iso(l.since)) from ${s}.lease l
$f$;
`;
