/** `has_ended(run)`: whether its end is written down. `run_summary(run)`: what a run did, from its events, and where the ledger stands. The failure is one of its last beginning. */
export const runSummary = (s: string): string => `
create function ${s}.has_ended(p_run text) returns boolean language sql stable set search_path = pg_catalog, pg_temp as $f$
  select exists (select from ${s}.event e where e.run = p_run and e.kind = 'ended')
$f$;
create function ${s}.snapshots_json(p_run text) returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $f$
  select coalesce(jsonb_agg(e.detail order by e.id), '[]') from ${s}.event e where e.run = p_run and e.kind = 'snapshot'
$f$;
create function ${s}.run_summary(p_run text) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $f$
declare
  v_did jsonb;
  v_stands jsonb;
begin
  select jsonb_build_object(
    'run', p_run,
    'applied', count(*) filter (where e.kind = 'applied'),
    'reverted', count(*) filter (where e.kind = 'reverted'),
    'rows', coalesce(sum((e.detail->>'rows')::bigint), 0),
    'first', (array_agg(e.version order by e.id) filter (where e.kind <> 'statement'))[1],
    'last', (array_agg(e.version order by e.id desc) filter (where e.kind <> 'statement'))[1])
  into v_did from ${s}.event e where e.run = p_run and e.kind in ('applied', 'reverted', 'statement');
  select jsonb_build_object(
    'appliedCount', count(*) filter (where m.state = 'applied'),
    'lastApplied', max(m.version) filter (where m.state = 'applied'),
    'unfinished', min(m.version) filter (where m.state in ('applying', 'reverting')))
  into v_stands from ${s}.migration m;
  return (v_did || v_stands || jsonb_build_object(
    'snapshots', ${s}.snapshots_json(p_run),
    'failure', (select e.detail from ${s}.event e where e.run = p_run and e.kind = 'failed'
      and e.id > coalesce((select max(b.id) from ${s}.event b where b.run = p_run and b.kind = 'begun'), 0) order by e.id desc limit 1)))::text;
end $f$;
`;
