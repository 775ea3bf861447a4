/** `is_call_running({ token })`: whether a step holds the lease under this token right now. */
export const isCallRunning = (s: string): string => `
create function ${s}.is_call_running(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
begin
  perform 1 from ${s}.lease l where l.token = (a->>'token')::bigint for update nowait;
  return 'false';
exception when lock_not_available then
  return 'true';
end $f$;
`;
