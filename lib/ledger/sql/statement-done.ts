/** `statement_done({ token, run, version, index, rows, ms })`: the catalogue said that this statement outside a transaction is done. Safe to repeat. */
export const statementDone = (s: string): string => `
create function ${s}.statement_done(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  v_token bigint := (a->>'token')::bigint;
  v_index integer := (a->>'index')::integer;
begin
  if not ${s}.hold_token(v_token) then return '{"stop":"lease"}'; end if;
  update ${s}.migration t set statements_done = v_index + 1, updated_at = clock_timestamp(),
    rows = case t.state when 'applying' then t.rows || (a->>'rows')::bigint else t.rows end,
    ms = case t.state when 'applying' then t.ms || (a->>'ms')::float8 else t.ms end,
    total_ms = case t.state when 'applying' then t.total_ms + (a->>'ms')::float8 else t.total_ms end
  where t.version = a->>'version' and t.token = v_token and t.state in ('applying', 'reverting') and t.statements_done = v_index;
  if found then
    insert into ${s}.event (kind, run, version, token, detail) values ('statement', a->>'run', a->>'version', v_token,
      jsonb_build_object('index', v_index, 'rows', a->'rows', 'ms', a->'ms'));
    return '{"done":true}';
  end if;
  if exists (select from ${s}.migration t where t.version = a->>'version' and t.token = v_token and t.statements_done > v_index) then
    return '{"done":true}';
  end if;
  return '{"stop":"stale"}';
end $f$;
`;
