/** `transact_once(routine, arguments)`: `transact` where a procedure cannot commit or does not answer: the call's own transaction is the routine's. */
export const transactOnce = (s: string): string => `
create function ${s}.transact_once(p_routine text, p_arguments jsonb) returns text language plpgsql as $f$
declare
  v_result text;
begin
  perform ${s}.refuse_unfit_session();
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('lock_timeout', coalesce(p_arguments->>'lockTimeoutMs', '5000'), true);
  execute format('select %I.%I($1)', '${s.replaceAll('"', '')}', p_routine) into v_result using p_arguments;
  return v_result;
end $f$;
`;
