/**
 * `fail_first_open({ token, run, action, steps, failure })`: for a call that PostgreSQL refused outside the statements it catches: at a COMMIT, or in the
 * midst of writing a failure down. Of the steps it was sent, the first that the ledger does not show as done is the one: nothing of it remains.
 * Writes its `failed` event, unless the call did so before it was cancelled, and answers what `take_steps` would have.
 */
export const failFirstOpen = (s: string): string => `
create function ${s}.fail_first_open(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  m ${s}.migration;
  v_step jsonb;
  v_last text;
  v_count integer := 0;
  v_failure jsonb;
begin
  if not ${s}.hold_token((a->>'token')::bigint) then return '{"stop":"lease"}'; end if;
  for v_step in select t.value from jsonb_array_elements(a->'steps') with ordinality t(value, n) order by t.n loop
    select * into m from ${s}.migration t where t.version = v_step->>'version';
    if not coalesce(case a->>'action'
      when 'apply' then m.state = 'applied'
      when 'revert' then m.state = 'reverted' and m.revision = (v_step->>'revision')::integer + 1
      when 'statement' then m.statements_done > (v_step->>'index')::integer
      else m.state in ('applied', 'reverted') end, false) then
      select e.detail into v_failure from ${s}.event e where e.run = a->>'run' and e.version = v_step->>'version' and e.kind = 'failed'
        and e.id > coalesce((select max(b.id) from ${s}.event b where b.run = a->>'run' and b.kind = 'begun'), 0) order by e.id desc limit 1;
      if v_failure is null then
        v_failure := a->'failure' || jsonb_build_object('version', v_step->>'version', 'statement', coalesce((v_step->>'index')::integer, 0));
        insert into ${s}.event (kind, run, version, token, detail) values ('failed', a->>'run', v_step->>'version', (a->>'token')::bigint, v_failure);
      end if;
      exit;
    end if;
    v_count := v_count + 1;
    v_last := v_step->>'version';
  end loop;
  return jsonb_build_object('applied', v_count, 'already', 0, 'last', v_last, 'rows', 0, 'stop', case when v_failure is not null then 'failed' end,
    'at', v_failure->>'version', 'failure', v_failure)::text;
end $f$;
`;
