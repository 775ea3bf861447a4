/** `claim_completion`: the verify queries of a migration whose statements are all done, or why not: `already`, or `stop` with `stale`. */
export const claimCompletion = (s: string): string => `
create function ${s}.claim_completion(p_token bigint, p_step jsonb) returns jsonb language plpgsql as $f$
declare
  e ${s}.migration;
begin
  select * into e from ${s}.migration t where t.version = p_step->>'version' and t.token = p_token for update;
  if e.state in ('applied', 'reverted') then return '{"already":true}'; end if;
  if e.state is null or e.statements_done < jsonb_array_length(case e.state when 'applying' then e.up else e.down end->'statements') then
    return '{"stop":"stale"}';
  end if;
  return jsonb_build_object('revision', e.revision, 'statements', '[]'::jsonb,
    'verify', case e.state when 'applying' then e.verify else '[]' end);
end $f$;
`;
