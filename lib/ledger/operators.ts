/**
 * PostgreSQL's own operators, for SQL that runs under the search path of a session (ALTER ROLE … SET search_path may name a schema with others).
 * Written so they all bind alike, weaker than `+` and stronger than AND: mixed ones stand in parentheses
 * (https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-PRECEDENCE).
 */
export const own = {
  is: 'OPERATOR(pg_catalog.=)',
  isNot: 'OPERATOR(pg_catalog.<>)',
  below: 'OPERATOR(pg_catalog.<)',
  above: 'OPERATOR(pg_catalog.>)',
  minus: 'OPERATOR(pg_catalog.-)',
  times: 'OPERATOR(pg_catalog.*)',
  by: 'OPERATOR(pg_catalog./)',
  field: 'OPERATOR(pg_catalog.->>)',
  holds: 'OPERATOR(pg_catalog.@>)',
} as const;
