/** `iso(instant)`: ISO 8601 in UTC with milliseconds, since the Data API gives a timestamptz back without its offset. */
export const iso = (s: string): string => `
create function ${s}.iso(p_at timestamptz) returns text language sql stable as $f$
  select pg_catalog.to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$f$;
`;
