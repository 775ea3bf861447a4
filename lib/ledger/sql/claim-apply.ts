/** `claim_apply`: what to run for an up, or why not: `already`, or `stop` with `checksum` or `stale`. */
export const claimApply = (s: string): string => `
create function ${s}.claim_apply(p_token bigint, p_run text, p_step jsonb) returns jsonb language plpgsql as $f$
declare
  e record;
  v_revision integer := ${s}.write_entry(p_step, 'applied', p_token, p_run);
begin
  if v_revision is not null then
    return jsonb_build_object('revision', v_revision, 'statements', p_step->'up'->'statements', 'verify', p_step->'verify');
  end if;
  select t.state, t.checksum into e from ${s}.migration t where t.version = p_step->>'version';
  return case
    when e.state is distinct from 'applied' then '{"stop":"stale"}'
    when e.checksum <> p_step->>'checksum' then '{"stop":"checksum"}'
    else '{"already":true}' end;
end $f$;
`;
