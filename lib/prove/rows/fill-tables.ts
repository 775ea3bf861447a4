import type pg from 'pg';
import { type ColumnTypes, readColumnTypes } from './column-types.ts';
import {
  readReferences,
  readSampleTables,
  type Reference,
  type SampleColumn,
  type SampleTable,
} from './sample-tables.ts';
import { sampleValue } from './sample-value.ts';

const rowsEach = 3;

interface Filling {
  readonly client: pg.Client;
  readonly types: ColumnTypes;
  readonly rootOf: (key: string) => string;
}

/** A small number that depends on nothing but the text. */
const numberOf = (text: string): number => {
  let value = 7;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
};

/** The column at the end of a chain of foreign keys; its values are those of all that lead to it, so that the keys fit. */
const rootsBy = (references: readonly Reference[]): ((key: string) => string) => {
  const next = new Map(references.map(({ from, to }) => [from, to]));
  return (key) => {
    let at = key;
    for (const seen = new Set<string>(); next.has(at) && !seen.has(at); at = next.get(at) ?? at) seen.add(at);
    return at;
  };
};

/** The string literals of the checks that speak of a column: what it may be, more often than not. */
const literalsFor = ({ name }: SampleColumn, checks: readonly string[]): readonly string[] =>
  checks
    .filter((check) => check.includes(name))
    .flatMap((check) =>
      [...check.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'")),
    );

type Choose = (column: SampleColumn, row: number, made: string | null) => string | null | undefined;

/** Ways to write a row, the fullest first; undefined leaves the column to its default. */
const ways = (table: SampleTable): readonly Choose[] => [
  (_column, _row, made) => made,
  (column, row, made) => {
    const literals = literalsFor(column, table.checks);
    if (literals.length > 0) return literals[(row - 1) % literals.length] ?? null;
    const isChecked = table.checks.some((check) => check.includes(column.name));
    return isChecked ? undefined : made;
  },
  (column, _row, made) => (column.isRequired && !column.hasDefault ? made : undefined),
];

const insertOf = (table: SampleTable, row: number, choose: Choose, { client, types, rootOf }: Filling): string => {
  const given = table.columns.flatMap((column) => {
    const root = rootOf(column.key);
    const of = { column: root.replace(/^.*\./, ''), salt: numberOf(root), row };
    const made = sampleValue(types, column.type, column.modifier, of);
    const value = choose(column, row, made ?? null);
    if (value === undefined || (value === null && column.hasDefault)) return [];
    return [
      { name: client.escapeIdentifier(column.name), value: value === null ? 'null' : client.escapeLiteral(value) },
    ];
  });
  if (given.length === 0) return `insert into ${table.name} default values`;
  return `insert into ${table.name} (${given.map(({ name }) => name).join(', ')}) overriding system value values (${given.map(({ value }) => value).join(', ')})`;
};

const attempt = ([first, ...rest]: readonly string[]): string =>
  first === undefined ? 'null;' : `begin ${first}; exception when others then ${attempt(rest)} end;`;

/**
 * Puts a few rows into each table, as far as its constraints let us; `except` stays empty. Triggers and foreign keys do not fire. A table
 * that takes none of our rows stays empty, too.
 */
export const fillTables = async (
  client: pg.Client,
  ledgerSchema: string,
  except: ReadonlySet<string>,
): Promise<void> => {
  const tables = (await readSampleTables(client, ledgerSchema)).filter(({ name }) => !except.has(name));
  if (tables.length === 0) return;
  const types = await readColumnTypes(client);
  const filling = { client, types, rootOf: rootsBy(await readReferences(client)) };
  const body = tables.flatMap((table) =>
    Array.from({ length: rowsEach }, (_, at) =>
      attempt(ways(table).map((choose) => insertOf(table, at + 1, choose, filling))),
    ),
  );
  const text = `begin ${body.join('\n')} end`;
  await client.query('begin');
  await client.query("set local session_replication_role = 'replica'");
  await client.query(`do ${client.escapeLiteral(text)}`);
  await client.query('commit');
};
