import type pg from 'pg';
import { strongerMode } from '../../analysis/locks/lock.ts';
import { type LockedRelation, lockMode, type ObservedLock, relationKind } from './observed-lock.ts';

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

/** The strongest lock on each relation; those that are not among `relations`, as what the section made, are left out. */
export const namedLocks = (locks: Iterable<LockRow>, relations: Relations): readonly ObservedLock[] => {
  const strongest = new Map<string, ObservedLock>();
  for (const { relation, mode: found } of locks) {
    const object = relations.get(relation);
    const mode = lockMode(found);
    if (object === undefined || mode === null) continue;
    const other = strongest.get(relation)?.mode ?? mode;
    strongest.set(relation, { object: bare(object), mode: strongerMode(mode, other) });
  }
  return [...strongest.values()].toSorted((a, b) => byName(a.object, b.object));
};

/** Relations whose storage is another than before. ALTER TABLE makes some indexes anew under their old names, which counts as well. */
export const rewrittenRelations = (before: Relations, after: Relations): readonly LockedRelation[] => {
  const named = new Map([...after.values()].map((relation) => [nameOf(relation), relation]));
  return [...before]
    .flatMap(([oid, relation]) => {
      const now = after.get(oid) ?? named.get(nameOf(relation));
      return now === undefined || now.fileNode === relation.fileNode ? [] : [bare(relation)];
    })
    .toSorted(byName);
};

const nameOf = ({ schema, name }: LockedRelation): string => JSON.stringify([schema, name]);
