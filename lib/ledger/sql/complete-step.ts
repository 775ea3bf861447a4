/**
 * `complete_step`: writes into the claimed row what the step did, and its event. The row must still be there as it was claimed:
 * raises LK002 when the migration itself changed it.
 */
export const completeStep = (s: string): string => `
create function ${s}.complete_step(p_action text, p_token bigint, p_run text, p_version text, p_claim jsonb, p_rows bigint[], p_ms float8[], p_began timestamptz)
returns bigint language plpgsql as $f$
declare
  e record;
  v_rows bigint := coalesce((select sum(n) from unnest(p_rows) n), 0);
  v_total float8 := extract(epoch from clock_timestamp() - p_began) * 1000;
  v_kind text;
  v_detail jsonb;
begin
  update ${s}.migration t set
    state = case when p_action <> 'complete' then t.state when t.state = 'applying' then 'applied' else 'reverted' end,
    statements_done = case p_action when 'complete' then t.statements_done when 'statement' then t.statements_done + 1 else cardinality(p_rows) end,
    rows = case when p_action = 'apply' then p_rows when t.state = 'applying' then t.rows || p_rows else t.rows end,
    ms = case when p_action = 'apply' then p_ms when t.state = 'applying' then t.ms || p_ms else t.ms end,
    total_ms = case when p_action = 'apply' then v_total when t.state = 'applying' then t.total_ms + v_total else t.total_ms end,
    applied_at = case when p_action = 'apply' or p_action = 'complete' and t.state = 'applying' then clock_timestamp() else t.applied_at end,
    reverted_at = case when p_action = 'complete' and t.state = 'reverting' then clock_timestamp() else t.reverted_at end,
    updated_at = clock_timestamp()
  where t.version = p_version and t.token = p_token and t.revision = (p_claim->>'revision')::integer
  returning t.state, t.revision, t.statements_done, t.down_loss into e;
  if not found then
    raise exception using errcode = 'LK002', message = 'the migration changed its own row in the ledger';
  end if;
  v_detail := jsonb_build_object('revision', e.revision, 'rows', v_rows, 'ms', round(v_total::numeric, 1));
  if p_action = 'statement' then
    v_kind := 'statement';
    v_detail := v_detail || jsonb_build_object('index', p_claim->'offset');
  else
    v_kind := e.state;
    v_detail := v_detail || jsonb_build_object('statements', e.statements_done);
    if e.state = 'reverted' and e.down_loss in ('data', 'unknown') then
      v_detail := v_detail || jsonb_build_object('snapshot', ${s}.snapshot_for(p_run, p_version), 'instantBefore', ${s}.iso(p_began));
    end if;
  end if;
  insert into ${s}.event (kind, run, version, token, detail) values (v_kind, p_run, p_version, p_token, v_detail);
  return v_rows;
end $f$;
`;
