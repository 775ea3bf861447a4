/**
 * `acquire({ run, expectedToken, direction, begun, goal, planned })`: takes the lease when it is free or held by the token the caller found dead, under a new token.
 * The same holder gets the same token again. A run that has ended gets none: the call is a late duplicate, whose lease nobody would give back. A rollback's goal is resolved here, once, so that a run begun again reverts what it set out to:
 * of what its plan showed all that is still there. Where there would be more, nothing is taken (`is_beyond_plan`).
 */
export const acquire = (s: string): string => `
create function ${s}.acquire(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  l ${s}.lease;
  v_run text := a->>'run';
  v_token bigint;
  v_versions jsonb;
  v_detail jsonb := a->'begun' || jsonb_build_object('direction', a->'direction');
begin
  select * into l from ${s}.lease;
  if l.holder is null or l.holder <> v_run and l.token = (a->>'expectedToken')::bigint then
    perform ${s}.close_turnstile();
    if ${s}.has_ended(v_run) then return '{"stop":"ended"}'; end if;
    update ${s}.lease t set token = t.token + 1, holder = v_run, since = clock_timestamp()
    where t.token = l.token and t.holder is not distinct from l.holder
    returning t.token into v_token;
  end if;
  if v_token is null then
    select * into l from ${s}.lease;
    if l.holder = v_run then return jsonb_build_object('taken', true, 'token', l.token)::text; end if;
    return jsonb_build_object('taken', false, 'lease', ${s}.lease_json())::text;
  end if;
  if l.holder is not null then
    insert into ${s}.event (kind, run, token, detail) values ('taken-over', v_run, v_token, jsonb_build_object('from', l.holder, 'token', l.token));
  end if;
  if a->'goal' <> 'null' then
    v_versions := ${s}.begun_versions(v_run);
    if v_versions is null then
      if ${s}.is_beyond_plan(a->'goal', a->'planned') then
        raise exception using errcode = 'LK007', message = 'another run changed what would be reverted while this one waited for the lease';
      end if;
      select coalesce(jsonb_object_agg(e.version, e.revision - case e.state when 'reverting' then 1 else 0 end), '{}') into v_versions
      from ${s}.rollback_entries(a->'goal') e where e.version >= coalesce(a->'planned'->>'lowest', '');
    end if;
    v_detail := v_detail || jsonb_build_object('goal', a->'goal', 'versions', v_versions);
  end if;
  insert into ${s}.event (kind, run, token, detail) values ('begun', v_run, v_token, v_detail);
  return jsonb_build_object('taken', true, 'token', v_token)::text;
end $f$;
`;
