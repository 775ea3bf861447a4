/**
 * `write_entry(migration, state, token, run)`: claims the row of an up. Answers its new revision, or null when the row is not
 * what the caller believes: absent for revision 0, reverted at exactly that revision otherwise. So up, down, up works and a late duplicate does not.
 */
export const writeEntry = (s: string): string => `
create function ${s}.write_entry(p_migration jsonb, p_state text, p_token bigint, p_run text) returns integer language plpgsql as $f$
declare
  e ${s}.migration;
  v_expected integer := (p_migration->>'revision')::integer;
begin
  e.version := p_migration->>'version';
  e.name := p_migration->>'name';
  e.checksum := p_migration->>'checksum';
  e.up := p_migration->'up';
  e.down := nullif(p_migration->'down', 'null');
  e.irreversible := p_migration->>'irreversible';
  e.verify := p_migration->'verify';
  e.up_loss := p_migration->>'upLoss';
  e.down_loss := p_migration->>'downLoss';
  if e.up_loss in ('data', 'unknown') then
    e.snapshot := ${s}.snapshot_for(p_run, e.version);
    e.instant_before := clock_timestamp();
  end if;
  if v_expected = 0 then
    insert into ${s}.migration as t
      (version, revision, name, checksum, state, up, down, irreversible, verify, script_hash, up_loss, down_loss, run, token, actor, snapshot, instant_before)
    values (e.version, 1, e.name, e.checksum, p_state, e.up, e.down, e.irreversible, e.verify,
      ${s}.script_hash(e.version, e.checksum, e.up, e.down, e.irreversible, e.verify),
      e.up_loss, e.down_loss, p_run, p_token, session_user, e.snapshot, e.instant_before)
    on conflict (version) do nothing
    returning t.revision into e.revision;
  else
    update ${s}.migration t set revision = t.revision + 1, name = e.name, checksum = e.checksum, state = p_state,
      up = e.up, down = e.down, irreversible = e.irreversible, verify = e.verify,
      script_hash = ${s}.script_hash(e.version, e.checksum, e.up, e.down, e.irreversible, e.verify),
      up_loss = e.up_loss, down_loss = e.down_loss, statements_done = 0, rows = '{}', ms = '{}', total_ms = 0,
      run = p_run, reverted_run = null, token = p_token, actor = session_user, snapshot = e.snapshot, instant_before = e.instant_before,
      applied_at = null, reverted_at = null, updated_at = clock_timestamp()
    where t.version = e.version and t.state = 'reverted' and t.revision = v_expected
    returning t.revision into e.revision;
  end if;
  return e.revision;
end $f$;
`;
