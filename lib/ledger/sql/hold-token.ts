/** `hold_token(token)`: whether the token is the lease's; if so, it stays the lease's until this transaction ends. */
export const holdToken = (s: string): string => `
create function ${s}.hold_token(p_token bigint) returns boolean language plpgsql as $f$
begin
  perform 1 from ${s}.lease l where l.token = p_token for key share;
  return found;
end $f$;
`;
