/**
 * `drop_invalid({ token, version, index })`: drops an index that a broken build left invalid, while the token is the lease's. `index` is its name as SQL
 * writes it, with its schema. The table's lock outlasts whoever still builds it, so what has become valid meanwhile stays; a materialized view cannot be locked.
 */
export const dropInvalid = (s: string): string => `
create function ${s}.drop_invalid(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  v_index oid := to_regclass(a->>'index');
  v_table record;
begin
  perform ${s}.pass_turnstile();
  if not ${s}.hold_token((a->>'token')::bigint) then return '{"stop":"lease"}'; end if;
  select c.oid, c.relkind into v_table from pg_index i join pg_class c on c.oid = i.indrelid where i.indexrelid = v_index and not i.indisvalid;
  if v_table.relkind = 'r' then
    execute format('lock table only %s in access exclusive mode', v_table.oid::regclass);
  end if;
  if exists (select from pg_index i where i.indexrelid = v_index and not i.indisvalid) then
    execute format('drop index %s', v_index::regclass);
  end if;
  return '{"done":true}';
exception when lock_not_available or deadlock_detected then
  return jsonb_build_object('stop', 'busy', 'sqlstate', sqlstate)::text;
end $f$;
`;
