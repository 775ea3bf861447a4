/**
 * `close_turnstile()` before a change of token, `pass_turnstile()` before each step. PostgreSQL lets a new `FOR KEY SHARE` go ahead of an update that waits
 * for the older ones, so a call of many short steps would keep that update waiting to its end; here it lets the update through between two steps.
 */
export const turnstile = (s: string): string => {
  const key = `hashtextextended('lockkeeper token ${s.replaceAll('"', '')}', 0)`;
  return `
create function ${s}.close_turnstile() returns void language sql set search_path = pg_catalog, pg_temp as $f$
  select pg_advisory_xact_lock(${key})
$f$;
create function ${s}.pass_turnstile() returns void language plpgsql as $f$
begin
  perform pg_advisory_lock_shared(${key});
  perform pg_advisory_unlock_shared(${key});
end $f$;
`;
};
