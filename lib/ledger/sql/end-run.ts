/**
 * `end_run({ token, run, verdict, detail })`: changes the token, which waits for every call that still runs with it and refuses every later one,
 * releases the lease, and only then sums up. `token` null: whatever token the run holds. Answers `null` for a run that holds nothing;
 * of an execution that was cut off, its end is written down all the same, so that an `acquire` of it that comes late gets no lease.
 */
export const endRun = (s: string): string => `
create function ${s}.end_run(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  v_run text := a->>'run';
  v_token bigint := (a->>'token')::bigint;
  v_held bigint;
begin
  perform ${s}.close_turnstile();
  update ${s}.lease l set token = l.token + 1, holder = null, since = null
  where l.holder = v_run and l.token = coalesce(v_token, l.token)
  returning l.token - 1 into v_held;
  if v_held is not null then
    insert into ${s}.event (kind, run, token, detail)
    values ('ended', v_run, v_held, a->'detail' || jsonb_build_object('verdict', a->'verdict'));
  elsif v_token is null then
    if a->'detail'->>'status' in ('ABORTED', 'TIMED_OUT') and not exists (select from ${s}.event e where e.run = v_run and e.kind = 'ended') then
      insert into ${s}.event (kind, run, detail) values ('ended', v_run, a->'detail' || jsonb_build_object('verdict', a->'verdict'));
    end if;
    return 'null';
  elsif not exists (select from ${s}.event e where e.run = v_run and e.kind = 'ended' and e.token = v_token) then
    return '{"stop":"lease"}';
  end if;
  return ${s}.run_summary(v_run);
end $f$;
`;
