/** `claim_statement`: the one statement of a migration on its way that comes next, or why not: `already`, or `stop` with `stale`. */
export const claimStatement = (s: string): string => `
create function ${s}.claim_statement(p_token bigint, p_step jsonb) returns jsonb language plpgsql as $f$
declare
  e ${s}.migration;
  v_index integer := (p_step->>'index')::integer;
begin
  select * into e from ${s}.migration t where t.version = p_step->>'version' and t.token = p_token for update;
  if e.statements_done > v_index then return '{"already":true}'; end if;
  if e.state is null or e.state not in ('applying', 'reverting') or e.statements_done < v_index then return '{"stop":"stale"}'; end if;
  return jsonb_build_object('revision', e.revision, 'offset', v_index, 'verify', '[]'::jsonb,
    'statements', jsonb_build_array(case e.state when 'applying' then e.up else e.down end->'statements'->v_index));
end $f$;
`;
