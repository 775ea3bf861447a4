/**
 * `restore_session(before)`: puts back the settings that a migration left behind, and drops its advisory locks, listens, temporary tables
 * and prepared statements: the connection goes back to the Data API's pool. `before` holds name and value of each setting the session had set.
 * Settings that no module declares (`app.tenant`) stand in no catalogue and stay; a migration file may set them with LOCAL only.
 */
export const restoreSession = (s: string): string => `
create function ${s}.restore_session(p_before jsonb) returns void language plpgsql as $f$
declare
  k text;
  v_after jsonb;
begin
  select coalesce(jsonb_object_agg(g.name, g.setting), '{}') into v_after from pg_settings g
  where g.source = 'session'
    and g.name not in ('search_path', 'lock_timeout', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable');
  for k in
    select coalesce(a.key, b.key) from jsonb_each_text(v_after) a
    full join jsonb_each_text(p_before - array['search_path', 'lock_timeout', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable']) b on a.key = b.key
    where a.value is distinct from b.value
  loop
    if p_before ? k then perform set_config(k, p_before->>k, false); else execute format('reset %I', k); end if;
  end loop;
  for k in select p.name from pg_prepared_statements p where p.from_sql loop execute format('deallocate %I', k); end loop;
  perform pg_advisory_unlock_all();
  unlisten *;
  discard temp;
  if p_before ? 'lock_timeout' then perform set_config('lock_timeout', p_before->>'lock_timeout', false); else reset lock_timeout; end if;
  if p_before ? 'search_path' then perform set_config('search_path', p_before->>'search_path', false); else reset search_path; end if;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
end $f$;
`;
