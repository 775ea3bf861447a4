/**
 * `take_steps`: a list of steps, each in a transaction of its own that is committed before the next begins. Ends early at the first that stops,
 * or when its budget of milliseconds is spent. No SET clause and no SECURITY DEFINER: either forbids COMMIT
 * (https://www.postgresql.org/docs/17/sql-createprocedure.html).
 */
export const takeSteps = (s: string): string => `
create procedure ${s}.take_steps(p_action text, p_token bigint, p_run text, p_steps jsonb, p_options jsonb, inout result text) language plpgsql as $f$
declare
  v_began timestamptz := pg_catalog.clock_timestamp();
  v_path text := pg_catalog.current_setting('search_path');
  v_before jsonb;
  v_outcome jsonb;
  v_step jsonb;
  v_last text;
  v_applied integer := 0;
  v_already integer := 0;
  v_rows bigint := 0;
  v_stop text;
begin
  select coalesce(pg_catalog.jsonb_object_agg(g.name, g.setting), '{}') into v_before
  from pg_catalog.pg_settings g where g.source operator(pg_catalog.=) 'session';
  for i in 0..pg_catalog.jsonb_array_length(p_steps) operator(pg_catalog.-) 1 loop
    commit;
    set transaction isolation level read committed, read write;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    perform set_config('lock_timeout', p_options->>'lockTimeoutMs', true);
    v_step := p_steps->i;
    v_outcome := ${s}.take_step(p_action, p_token, p_run, v_step, v_path, v_before);
    v_stop := v_outcome->>'stop';
    exit when v_stop is not null;
    v_last := v_step->>'version';
    if v_outcome ? 'already' then v_already := v_already + 1;
    else v_applied := v_applied + 1; v_rows := v_rows + (v_outcome->>'rows')::bigint;
    end if;
    if i < jsonb_array_length(p_steps) - 1 and extract(epoch from clock_timestamp() - v_began) * 1000 > (p_options->>'budgetMs')::float8 then
      v_stop := 'budget';
      v_step := p_steps->(i + 1);
      exit;
    end if;
  end loop;
  result := pg_catalog.jsonb_build_object('applied', v_applied, 'already', v_already, 'last', v_last, 'rows', v_rows, 'stop', v_stop,
    'at', case when v_stop is not null then v_step operator(pg_catalog.->>) 'version' end, 'failure', v_outcome operator(pg_catalog.->) 'failure');
  commit;
end $f$;
`;
