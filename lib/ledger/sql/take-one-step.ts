/**
 * `take_one_step`: `take_steps` for one step, where a procedure cannot commit or does not answer: the call's own transaction is the step's.
 * The outcome comes with the database's clock before and after, in milliseconds since 1970, so that the caller keeps its budget by one clock.
 */
export const takeOneStep = (s: string): string => `
create function ${s}.take_one_step(p_action text, p_token bigint, p_run text, p_step jsonb, p_options jsonb) returns text language plpgsql as $f$
declare
  v_began timestamptz := pg_catalog.clock_timestamp();
  v_path text := pg_catalog.current_setting('search_path');
  v_before jsonb;
  v_outcome jsonb;
begin
  perform ${s}.refuse_unfit_session();
  select coalesce(pg_catalog.jsonb_object_agg(g.name, g.setting), '{}') into v_before
  from pg_catalog.pg_settings g where g.source operator(pg_catalog.=) 'session';
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('lock_timeout', p_options->>'lockTimeoutMs', true);
  v_outcome := ${s}.take_step(p_action, p_token, p_run, p_step, v_path, v_before);
  return v_outcome operator(pg_catalog.||) pg_catalog.jsonb_build_object('beganAtMs', pg_catalog.floor(extract(epoch from v_began) operator(pg_catalog.*) 1000),
    'endedAtMs', pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) operator(pg_catalog.*) 1000));
end $f$;
`;
