import type { QueryResult } from 'pg';
import { constraintsQuery, indexesQuery, statisticsQuery } from './constraints.ts';
import {
  defaultPrivilegesQuery,
  extensionsQuery,
  foreignDataWrappersQuery,
  foreignServersQuery,
  rolesQuery,
  schemasQuery,
  settingsQuery,
} from './database.ts';
import {
  accessMethodsQuery,
  collationsQuery,
  conversionsQuery,
  operatorClassesQuery,
  operatorFamiliesQuery,
  operatorsQuery,
} from './operators.ts';
import type { DumpQuery } from './query.ts';
import { aggregatesQuery, castsQuery, languagesQuery, routinesQuery, transformsQuery } from './routines.ts';
import { eventTriggersQuery, policiesQuery, publicationsQuery, rulesQuery, triggersQuery } from './rules.ts';
import type { SchemaDump, SchemaObject } from './schema-dump.ts';
import { sequencesQuery, tablesQuery, viewsQuery } from './tables.ts';
import {
  textSearchConfigurationsQuery,
  textSearchDictionariesQuery,
  textSearchParsersQuery,
  textSearchTemplatesQuery,
} from './text-search.ts';
import { baseTypesQuery, compositesQuery, domainsQuery, enumsQuery, rangesQuery } from './types.ts';

const ofTheDatabase: readonly DumpQuery[] = [
  schemasQuery,
  extensionsQuery,
  defaultPrivilegesQuery,
  settingsQuery,
  foreignDataWrappersQuery,
  foreignServersQuery,
  languagesQuery,
  transformsQuery,
  accessMethodsQuery,
  collationsQuery,
  conversionsQuery,
  enumsQuery,
  domainsQuery,
  compositesQuery,
  rangesQuery,
  baseTypesQuery,
  routinesQuery,
  aggregatesQuery,
  castsQuery,
  operatorsQuery,
  operatorClassesQuery,
  operatorFamiliesQuery,
  textSearchConfigurationsQuery,
  textSearchDictionariesQuery,
  textSearchParsersQuery,
  textSearchTemplatesQuery,
  sequencesQuery,
  tablesQuery,
  viewsQuery,
  indexesQuery,
  constraintsQuery,
  statisticsQuery,
  triggersQuery,
  rulesQuery,
  policiesQuery,
  eventTriggersQuery,
  publicationsQuery,
];

/** A connection that sends several statements as one message; `pg.Client` is one. */
export interface DumpConnection {
  query(sql: string): Promise<unknown>;
}

export interface DumpOptions {
  /** Left out with everything in it. */
  readonly ledgerSchema: string;
  /** The server's roles, too: for a server of our own. */
  readonly roles?: boolean;
}

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly lines: string | null;
  readonly column_order: string | null;
}

const userSchema = (ledgerSchema: string): string =>
  `with user_schema as (select n.oid from pg_namespace n where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${ledgerSchema.replaceAll("'", "''")}'))`;

const byKindAndName = (a: SchemaObject, b: SchemaObject): number =>
  a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** The path that qualifies every name, and the caller's own again afterwards. */
const withQualifiedNames = (sql: string): string => `
set local lockkeeper.search_path = '';
select set_config('lockkeeper.search_path', current_setting('search_path'), true);
set local search_path = pg_catalog;
${sql}
select set_config('search_path', current_setting('lockkeeper.search_path'), true);`;

/**
 * The schema as the catalogues have it: what somebody made, but nothing of PostgreSQL's own, of an extension or of the ledger, and nothing
 * temporary. One round trip, inside the transaction that the caller has begun.
 */
export const readSchema = async (client: DumpConnection, options: DumpOptions): Promise<SchemaDump> => {
  const queries = options.roles === true ? [rolesQuery, ...ofTheDatabase] : ofTheDatabase;
  const sql = queries.map((query) => `${userSchema(options.ledgerSchema)} ${query};`).join('\n');
  const answers = (await client.query(withQualifiedNames(sql))) as readonly QueryResult<Row>[];
  return answers
    .flatMap(({ rows }) => rows)
    .filter(({ kind }) => kind !== undefined)
    .map(({ kind, name, lines, column_order }) => ({
      kind,
      name,
      lines: lines === null || lines === '' ? [] : lines.split('\n'),
      columnOrder: column_order,
    }))
    .toSorted(byKindAndName);
};

/** The schema as it is committed, under one snapshot: see `readSchema`. */
export const dumpSchema = async (client: DumpConnection, options: DumpOptions): Promise<SchemaDump> => {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    return await readSchema(client, options);
  } finally {
    await client.query('rollback');
  }
};
