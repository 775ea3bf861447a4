/**
 * `newest_run()`: the run that brought an entry up last. `begun_versions(run)`: version to revision of what a rollback set out to revert.
 * `rollback_entries(goal)`: what is left to revert for a goal, newest first. `rollback_digest(goal, lowest)`: over version and revision of those from `lowest` on.
 *
 * `is_beyond_plan(goal, planned)`: whether a rollback would revert what its plan did not show, a plan being the lease's token when it was made,
 * the lowest version and the digest. Tokens only grow, so an up under an older token was there already, and what else happened to it was a down.
 * Of an up under that very token, whose run was at work, the digest decides.
 */
export const rollbackEntries = (s: string): string => `
create function ${s}.newest_run() returns text language sql stable set search_path = pg_catalog, pg_temp as $f$
  select e.run from ${s}.event e
  where e.kind = 'applied' or e.kind = 'intent' and e.detail->>'direction' = 'up'
  order by e.id desc limit 1
$f$;
create function ${s}.begun_versions(p_run text) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $f$
  select e.detail->'versions' from ${s}.event e
  where e.run = p_run and e.kind = 'begun' and e.detail ? 'versions' order by e.id limit 1
$f$;
create function ${s}.rollback_entries(p_goal jsonb) returns setof ${s}.migration
language plpgsql stable set search_path = pg_catalog, pg_temp as $f$
declare
  v_kind text := p_goal->>'kind';
  v_run text := case v_kind when 'run' then coalesce(p_goal->>'run', ${s}.newest_run()) end;
  v_begun jsonb := case v_kind when 'begun' then ${s}.begun_versions(p_goal->>'run') end;
begin
  return query
    select m.* from ${s}.migration m
    where m.state <> 'reverted' and case v_kind
      when 'run' then m.run = v_run
      when 'to' then m.version > p_goal->>'version'
      when 'begun' then (v_begun->>m.version)::integer = m.revision - case m.state when 'reverting' then 1 else 0 end
      else v_kind in ('all', 'steps') end
    order by m.version desc
    limit (p_goal->>'steps')::integer;
end $f$;
create function ${s}.rollback_digest(p_goal jsonb, p_lowest text) returns text language sql stable set search_path = pg_catalog, pg_temp as $f$
  select encode(sha256(convert_to(coalesce(string_agg(format('down %s %s', m.version, m.revision) || chr(10), '' order by m.version desc), ''), 'UTF8')), 'hex')
  from ${s}.rollback_entries(p_goal) m where m.version >= coalesce(p_lowest, '')
$f$;
create function ${s}.is_beyond_plan(p_goal jsonb, p_planned jsonb) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $f$
  select ${s}.rollback_digest(p_goal, p_planned->>'lowest') <> p_planned->>'digest' and exists (
    select from ${s}.rollback_entries(p_goal) m
    where m.version >= p_planned->>'lowest' and (p_planned->>'token')::bigint <= case m.state
      when 'reverting' then (select max(e.token) from ${s}.event e
        where e.version = m.version and (e.kind = 'applied' or e.kind = 'intent' and e.detail->>'direction' = 'up'))
      else m.token end)
$f$;
`;
