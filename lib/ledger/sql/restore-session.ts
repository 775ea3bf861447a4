/**
 * `restore_session(before)`: puts back the settings that a migration left behind and drops what else it left in the session: the connection goes back
 * to the Data API's pool. `before` holds name and value of each setting the session had set; as a rule none.
 * Settings that no module declares (`app.tenant`) stand in no catalogue: RESET ALL reaches them, and takes away what the session had of them.
 * `drop_leftovers()`: what outlives a statement that was taken back, too: prepared statements, cursors, advisory locks of the session.
 */
export const restoreSession = (s: string): string => `
create function ${s}.drop_leftovers() returns void language plpgsql as $f$
declare
  k text;
begin
  perform pg_advisory_unlock_all();
  for k in select p.name from pg_prepared_statements p where p.from_sql loop execute format('deallocate %I', k); end loop;
  execute 'close all';
end $f$;
create function ${s}.restore_session(p_before jsonb) returns void language plpgsql as $f$
declare
  v record;
begin
  reset all;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  for v in select b.key, b.value from jsonb_each_text(p_before - array['search_path', 'lock_timeout', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable']) b loop
    perform set_config(v.key, v.value, false);
  end loop;
  perform ${s}.drop_leftovers();
  unlisten *;
  discard temp;
  discard sequences;
  if p_before ? 'lock_timeout' then perform set_config('lock_timeout', p_before->>'lock_timeout', false); else reset lock_timeout; end if;
  if p_before ? 'search_path' then perform set_config('search_path', p_before->>'search_path', false); else reset search_path; end if;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
end $f$;
`;
