/** `claim_revert`: the stored down of an applied entry at the expected revision, or why not: `already`, or `stop` with `stale`. */
export const claimRevert = (s: string): string => `
create function ${s}.claim_revert(p_token bigint, p_run text, p_step jsonb) returns jsonb language plpgsql as $f$
declare
  e ${s}.migration;
  v_expected integer := (p_step->>'revision')::integer;
begin
  select * into e from ${s}.migration t where t.version = p_step->>'version' for update;
  if e.state = 'reverted' and e.revision = v_expected + 1 then return '{"already":true}'; end if;
  if e.state is distinct from 'applied' or e.revision <> v_expected then return '{"stop":"stale"}'; end if;
  perform ${s}.refuse_unfit_down(e);
  update ${s}.migration t set state = 'reverted', revision = t.revision + 1, reverted_run = p_run, token = p_token,
    reverted_at = clock_timestamp(), updated_at = clock_timestamp() where t.version = e.version;
  return jsonb_build_object('revision', e.revision + 1, 'statements', e.down->'statements', 'verify', '[]'::jsonb);
end $f$;
`;
