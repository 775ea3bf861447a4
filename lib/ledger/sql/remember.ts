/**
 * `remember(findings)`: keeps what was found of the service in front of this database, each `{ name, holds, found }`, a later word in place of an earlier one.
 * `lacks_procedures()`: whether procedures were found not to commit, or not to answer.
 */
export const remember = (s: string): string => `
create function ${s}.remember(p_findings jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
begin
  insert into ${s}.capability as c (name, holds, found)
  select f->>'name', (f->>'holds')::boolean, f->>'found' from jsonb_array_elements(p_findings) f
  on conflict (name) do update set holds = excluded.holds, found = excluded.found, found_at = clock_timestamp();
  return 'true';
end $f$;
create function ${s}.lacks_procedures() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $f$
  select exists (select from ${s}.capability c where c.name in ('commit-inside-call', 'inout-row') and not c.holds)
$f$;
`;
