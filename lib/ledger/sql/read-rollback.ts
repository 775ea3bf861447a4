/**
 * `read_rollback(ledger version, goal, run)`: lines of JSON, the head first, then at most 500 entries, newest first, then snapshots.
 * What a plan says of all entries stands in the head, counted over all of them.
 */
export const readRollback = (s: string, version: number): string => `
create function ${s}.read_rollback(p_version integer, p_goal jsonb, p_run text) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $f$
begin
  if p_version <> ${version} then return next '{"installed":${version}}'; return; end if;
  return query
    select (jsonb_build_object('installed', ${version}, 'lacksProcedures', ${s}.lacks_procedures(), 'lease', ${s}.lease_json(), 'runEnded', ${s}.has_ended(p_run), 'readOnly', current_setting('transaction_read_only') = 'on',
      'run', case p_goal->>'kind' when 'run' then coalesce(p_goal->>'run', ${s}.newest_run()) end,
      'targetFound', p_goal->>'kind' <> 'to' or exists (select from ${s}.migration t where t.version = p_goal->>'version' and t.state = 'applied'),
      'total', count(*), 'lowest', min(m.version), 'digest', ${s}.rollback_digest(p_goal, null),
      'destructiveCount', count(*) filter (where m.down is not null and coalesce(m.down_loss, 'unknown') in ('data', 'unknown')),
      'irreversibleCount', count(*) filter (where m.down is null),
      'firstIrreversible', (array_agg(jsonb_build_object('version', m.version, 'name', m.name, 'steps', left(m.irreversible, 1000))
        order by m.version desc) filter (where m.down is null))[1])
      || (select jsonb_build_object('appliedCount', count(*), 'lastApplied', max(t.version)) from ${s}.migration t where t.state = 'applied'))::text
    from ${s}.rollback_entries(p_goal) m;
  return query
    select jsonb_build_object('entry', jsonb_build_object('version', m.version, 'name', m.name, 'revision', m.revision, 'state', m.state, 'run', m.run,
      'appliedAt', ${s}.iso(coalesce(m.applied_at, m.updated_at)), 'irreversible', left(m.irreversible, 1000),
      'down', case when m.down is not null then jsonb_build_object('transactional', m.down->'transactional', 'loss', coalesce(m.down_loss, 'unknown'),
        'statements', jsonb_array_length(m.down->'statements'), 'bytes', octet_length(m.down::text)) end,
      'upLoss', m.up_loss, 'snapshot', m.snapshot, 'statementsDone', m.statements_done))::text
    from ${s}.rollback_entries(p_goal) m limit 500;
  return query select * from ${s}.snapshot_lines(p_run);
end $f$;
`;
