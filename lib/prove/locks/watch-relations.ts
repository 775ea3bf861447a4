import type pg from 'pg';
import { type LockedRelation, modeInWords, type ObservedLock, relationKind } from './observed-lock.ts';

interface Relation extends LockedRelation {
  /** Null where there is no storage. */
  readonly fileNode: string | null;
}

/** The relations of the user's schemas by their number in the catalogue. */
export type Relations = ReadonlyMap<string, Relation>;

interface RelationRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly relkind: string;
  readonly file_node: string | null;
}

const relationsSql = `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind, pg_catalog.pg_relation_filenode(c.oid)::text as file_node
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** @param client sees what its own transaction has done so far */
export const readRelations = async (client: pg.Client): Promise<Relations> => {
  const { rows } = await client.query<RelationRow>(relationsSql);
  return new Map(
    rows.map(({ oid, schema, name, relkind, file_node }) => [
      oid,
      { schema, name, kind: relationKind(relkind), fileNode: file_node },
    ]),
  );
};

interface LockRow {
  readonly relation: string;
  readonly mode: string;
}

const locksSql = `select distinct l.relation::text, l.mode from pg_catalog.pg_locks l
where l.locktype = 'relation' and l.pid = $1 and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`;

/** Every relation lock that a backend holds or waits for, by relation and mode. `pg_locks`: https://www.postgresql.org/docs/17/view-pg-locks.html */
export const readLocks = async (client: pg.Client, backend: number): Promise<ReadonlyMap<string, LockRow>> => {
  const { rows } = await client.query<LockRow>(locksSql, [backend]);
  return new Map(rows.map((row) => [`${row.relation} ${row.mode}`, row]));
};

const byName = (a: LockedRelation, b: LockedRelation): number =>
  a.schema !== b.schema ? (a.schema < b.schema ? -1 : 1) : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

const bare = ({ schema, name, kind }: LockedRelation): LockedRelation => ({ schema, name, kind });

/** The locks in the schema's terms; relations that are not among `relations`, as those that the section made, are left out. */
export const namedLocks = (locks: Iterable<LockRow>, relations: Relations): readonly ObservedLock[] =>
  [...locks]
    .flatMap(({ relation, mode }) => {
      const object = relations.get(relation);
      return object === undefined ? [] : [{ object: bare(object), mode: modeInWords(mode) }];
    })
    .toSorted((a, b) => byName(a.object, b.object) || (a.mode < b.mode ? -1 : 1));

/** Relations whose storage is another than before. */
export const rewrittenRelations = (before: Relations, after: Relations): readonly LockedRelation[] =>
  [...before]
    .flatMap(([oid, relation]) => {
      const now = after.get(oid);
      return now === undefined || now.fileNode === relation.fileNode ? [] : [bare(relation)];
    })
    .toSorted(byName);
