import { redactions } from '../without-values.ts';

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `without_values(sqlstate, message)`: a message of PostgreSQL with `…` for each value, as `withoutValues` does it. */
export const withoutValuesRoutine = (s: string): string => `
create function ${s}.without_values(p_state text, p_message text) returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $f$
begin
${redactions
  .map(({ state, pattern, instead, groups }) => {
    const kept = `${groups > 0 ? String.raw`\\1` : ''}${instead}${groups > 1 ? String.raw`\\2` : ''}`;
    return `  if starts_with(p_state, '${state}') then p_message := regexp_replace(p_message, ${literal(pattern)}, E'${kept}', 'g'); end if;`;
  })
  .join('\n')}
  return p_message;
end $f$;
`;
