/**
 * `transact(routine, arguments)`: calls one of the ledger's writing functions in a transaction of our own, whatever the session's defaults are,
 * with bounded waits for locks. Under READ COMMITTED what is read after a wait is what was committed meanwhile.
 */
export const transact = (s: string): string => `
create procedure ${s}.transact(p_routine text, p_arguments jsonb, inout result text) language plpgsql as $f$
begin
  commit;
  set transaction isolation level read committed, read write;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('lock_timeout', coalesce(p_arguments->>'lockTimeoutMs', '5000'), true);
  execute format('select %I.%I($1)', '${s.replaceAll('"', '')}', p_routine) into result using p_arguments;
  commit;
end $f$;
`;
