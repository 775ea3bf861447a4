/** `verify_refusal(rows)`: what is wrong with the first two rows that a verify query answered; null for one row with one true. */
export const verifyRefusal = (s: string): string => `
create function ${s}.verify_refusal(p_rows json[]) returns text language plpgsql as $f$
declare
  v_columns integer;
  v_value json;
begin
  if cardinality(p_rows) = 0 then return 'answered no row'; end if;
  if cardinality(p_rows) > 1 then return 'answered more than one row'; end if;
  select count(*), (array_agg(j.value))[1] into v_columns, v_value from json_each(p_rows[1]) j;
  if v_columns <> 1 then return format('answered %s columns', v_columns); end if;
  return case
    when v_value::text = 'true' then null
    when v_value::text in ('false', 'null') then 'answered ' || v_value::text
    else 'answered a value that is no boolean' end;
end $f$;
`;
