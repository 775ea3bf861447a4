/** `snapshot_for(run, version)`: identifier of the snapshot that the run recorded for this version, else for the whole run. */
export const snapshotFor = (s: string): string => `
create function ${s}.snapshot_for(p_run text, p_version text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $f$
  select e.detail->>'identifier' from ${s}.event e
  where e.run = p_run and e.kind = 'snapshot' and coalesce(e.detail->>'version', p_version) = p_version
  order by e.detail->>'version' nulls last, e.id desc limit 1
$f$;
`;
