import type { QualifiedName } from './manifest.ts';

/** A name as SQL writes it, with quotes only where they are needed. */
export const sqlName = ({ schema, name }: QualifiedName): string =>
  [schema, name].flatMap((part) => (part === null ? [] : [identifier(part)])).join('.');

/** Words that cannot be a name without quotes: https://www.postgresql.org/docs/17/sql-keywords-appendix.html */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having
ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not
notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar
some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window
with`.split(/\s/),
);

export const identifier = (word: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(word) && !reserved.has(word) ? word : `"${word.replaceAll('"', '""')}"`;
