/**
 * `read_standing(ledger version, known, run)`: lines of JSON, the head first, then differences and snapshots in portions, so that no row passes
 * 64 KB and 10,000 migrations stay under 1 MiB (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.limitations.html).
 * A difference is `[version]` when absent, `[version, state, revision, done]` when reverted, else with checksum and name, of which the first 500 have both.
 */
export const readStanding = (s: string, version: number): string => `
create function ${s}.read_standing(p_version integer, p_known jsonb, p_run text) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $f$
begin
  if p_version <> ${version} then return next '{"installed":${version}}'; return; end if;
  return query select jsonb_build_object('installed', ${version}, 'lacksProcedures', ${s}.lacks_procedures(), 'lease', ${s}.lease_json(), 'runEnded', ${s}.has_ended(p_run), 'readOnly', current_setting('transaction_read_only') = 'on', 'appliedCount', count(*), 'lastApplied', max(m.version))::text
    from ${s}.migration m where m.state = 'applied';
  return query
    with known as (
      select k->>0 as version, k->>1 as checksum from jsonb_array_elements(p_known) k
    ), different as (
      select coalesce(m.version, k.version) as version, m.state, m.revision, m.statements_done, m.checksum, m.name,
        row_number() over (partition by m.state is null or m.state = 'reverted' order by coalesce(m.version, k.version)) as n
      from ${s}.migration m full join known k on k.version = m.version
      where m.state is distinct from 'applied' or m.checksum is distinct from k.checksum
    ), line as (
      select row_number() over (order by d.version) as n, case
        when d.state is null then jsonb_build_array(d.version)
        when d.state = 'reverted' or d.n > 500 then jsonb_build_array(d.version, d.state, d.revision, d.statements_done)
        else jsonb_build_array(d.version, d.state, d.revision, d.statements_done, d.checksum, d.name) end as content
      from different d
    )
    select jsonb_build_object('differences', jsonb_agg(l.content order by l.n))::text from line l group by (l.n - 1) / 100 order by (l.n - 1) / 100;
  return query select * from ${s}.snapshot_lines(p_run);
end $f$;
create function ${s}.snapshot_lines(p_run text) returns setof text language sql stable set search_path = pg_catalog, pg_temp as $f$
  select jsonb_build_object('snapshots', jsonb_build_array(e.detail))::text from ${s}.event e where e.run = p_run and e.kind = 'snapshot' order by e.id
$f$;
`;
