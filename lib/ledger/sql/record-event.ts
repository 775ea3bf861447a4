/** `record_event({ token, run, kind, version, detail })`: appends an event; with a token only while that is the lease's. A snapshot is recorded once. */
export const recordEvent = (s: string): string => `
create function ${s}.record_event(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  v_token bigint := (a->>'token')::bigint;
begin
  if v_token is not null and not ${s}.hold_token(v_token) then return '{"stop":"lease"}'; end if;
  if a->>'kind' = 'snapshot' and exists (select from ${s}.event e where e.run = a->>'run' and e.kind = 'snapshot'
    and e.detail->>'identifier' = a->'detail'->>'identifier') then
    return '{"done":true}';
  end if;
  insert into ${s}.event (kind, run, version, token, detail) values (a->>'kind', a->>'run', a->>'version', v_token, coalesce(a->'detail', '{}'));
  return '{"done":true}';
end $f$;
`;
