/**
 * `begin_alone({ token, run, direction, version, revision, migration })`: claims a migration that runs outside a transaction, or goes on with one
 * that is on its way, and writes its `intent`. Answers the statements done, or `done` when there is nothing for this caller to do.
 */
export const beginAlone = (s: string): string => `
create function ${s}.begin_alone(a jsonb) returns text language plpgsql set search_path = pg_catalog, pg_temp as $f$
declare
  e ${s}.migration;
  v_token bigint := (a->>'token')::bigint;
  v_run text := a->>'run';
  v_expected integer := (a->>'revision')::integer;
  v_direction text := a->>'direction';
  v_revision integer;
  v_continued boolean := false;
begin
  if not ${s}.hold_token(v_token) then return '{"stop":"lease"}'; end if;
  select * into e from ${s}.migration t where t.version = a->>'version' for update;
  if v_direction = 'up' then
    if e.state in ('applied', 'applying') and e.checksum <> a->'migration'->>'checksum' then return '{"stop":"checksum"}'; end if;
    if e.state = 'applying' and e.revision in (v_expected, v_expected + 1) then
      v_continued := true;
    else
      v_revision := ${s}.write_entry(a->'migration', 'applying', v_token, v_run);
    end if;
  elsif e.state = 'reverting' and e.revision in (v_expected, v_expected + 1) then
    v_continued := true;
  elsif e.state in ('applied', 'applying') and e.revision = v_expected then
    perform ${s}.refuse_unfit_down(e);
    update ${s}.migration t set state = 'reverting', revision = t.revision + 1, statements_done = 0, reverted_run = v_run, token = v_token,
      updated_at = clock_timestamp() where t.version = e.version returning t.revision into v_revision;
  end if;
  if v_continued then
    v_revision := e.revision;
    update ${s}.migration t set token = v_token, updated_at = clock_timestamp(),
      run = case v_direction when 'up' then v_run else t.run end, reverted_run = case v_direction when 'down' then v_run end
    where t.version = e.version and t.token <> v_token;
  end if;
  if v_revision is null then return '{"done":true}'; end if;
  if not v_continued or e.token <> v_token then
    insert into ${s}.event (kind, run, version, token, detail) values ('intent', v_run, a->>'version', v_token,
      jsonb_build_object('direction', v_direction, 'revision', v_revision, 'statementsDone', case when v_continued then e.statements_done else 0 end,
        'from', e.state));
  end if;
  return jsonb_build_object('done', false, 'revision', v_revision, 'statementsDone', case when v_continued then e.statements_done else 0 end)::text;
end $f$;
`;
