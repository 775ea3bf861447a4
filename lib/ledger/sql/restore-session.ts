/**
 * `restore_session(before)`: puts back the settings that a migration left behind, and drops its advisory locks, listens, temporary tables
 * and prepared statements: the connection goes back to the Data API's pool. `before` holds name and value of each setting the session had set.
 * As a rule it had set none, and RESET ALL does it; reading `pg_settings` after each migration would cost as much as a small table.
 * Settings that no module declares (`app.tenant`) stand in no catalogue: only RESET ALL reaches them. A migration file may set them with LOCAL only.
 */
export const restoreSession = (s: string): string => `
create function ${s}.restore_session(p_before jsonb) returns void language plpgsql as $f$
declare
  k text;
  v_before jsonb := p_before - array['search_path', 'lock_timeout', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable'];
begin
  if v_before = '{}' then
    reset all;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  else
    for k in
      select coalesce(a.name, b.key)
      from (select g.name, g.setting from pg_settings g where g.source = 'session'
        and g.name not in ('search_path', 'lock_timeout', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable')) a
      full join jsonb_each_text(v_before) b on a.name = b.key
      where a.setting is distinct from b.value
    loop
      if v_before ? k then perform set_config(k, v_before->>k, false); else execute format('reset %I', k); end if;
    end loop;
  end if;
  for k in select p.name from pg_prepared_statements p where p.from_sql loop execute format('deallocate %I', k); end loop;
  perform pg_advisory_unlock_all();
  unlisten *;
  discard temp;
  if p_before ? 'lock_timeout' then perform set_config('lock_timeout', p_before->>'lock_timeout', false); else reset lock_timeout; end if;
  if p_before ? 'search_path' then perform set_config('search_path', p_before->>'search_path', false); else reset search_path; end if;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
end $f$;
`;
