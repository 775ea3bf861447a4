import type { QualifiedName } from '../../migration/index.ts';
import type { LockMode } from '../locks/lock.ts';
import { lockSetOf, shownName } from '../locks/lock-set.ts';
import { nameOfRelation } from '../names.ts';
import type { Node } from '../parse.ts';
import { type Effect, effectOfTree, noEffect } from './call-effects.ts';
import { effectOfOwn } from './row-hooks.ts';
import type { FactsTable, NamedObject, PartialFacts, Surroundings } from './facts.ts';

/** Whether an option in parentheses is given and not switched off: `(FULL)`, `(FULL true)`, `(FULL on)`, `(FULL 1)`. */
export const isOptionOn = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((each) => {
    if (!('DefElem' in each) || each.DefElem.defname !== name) return false;
    const { arg } = each.DefElem;
    if (arg === undefined) return true;
    if ('String' in arg) return !['false', 'off'].includes((arg.String.sval ?? '').toLowerCase());
    if ('Integer' in arg) return (arg.Integer.ival ?? 0) !== 0;
    return !('Boolean' in arg) || arg.Boolean.boolval === true;
  });

const scopes = {
  REINDEX_OBJECT_INDEX: 'INDEX',
  REINDEX_OBJECT_TABLE: 'TABLE',
  REINDEX_OBJECT_SCHEMA: 'SCHEMA',
  REINDEX_OBJECT_SYSTEM: 'SYSTEM',
  REINDEX_OBJECT_DATABASE: 'DATABASE',
} as const;

const tableObject = (name: QualifiedName, { schema }: Surroundings, role: NamedObject['role']): NamedObject => ({
  kind: schema.relation(name)?.kind ?? 'table',
  ...name,
  role,
  isNew: schema.isUnseen(name),
});

const tablesOf = (rels: readonly Node[] | undefined): QualifiedName[] =>
  (rels ?? []).flatMap((each) => ('VacuumRelation' in each ? [nameOfRelation(each.VacuumRelation.relation)] : []));

const reindexLocks = (name: QualifiedName, isIndex: boolean, concurrently: boolean, around: Surroundings) => {
  const { schema } = around;
  const locks = lockSetOf(schema);
  const tableMode: LockMode = concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  const indexMode: LockMode = concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  if (!isIndex) {
    locks.addWithChildren(name, tableMode, 'build');
    if (!schema.isUnseen(name))
      for (const index of schema.indexesOn(name)) locks.add(index.name, indexMode, 'build', 'index');
    return locks.locks;
  }
  const index = schema.index(name);
  const table = index === null ? null : schema.relation(index.table);
  if (index !== null && schema.isUnseen(index.table)) return [];
  locks.add(name, indexMode, 'build', 'index');
  if (index !== null) locks.add(table === null ? index.table : shownName(table), tableMode, 'build');
  return locks.locks;
};

/** Functions in the indexes of a table, or in the query of a materialized view. */
const effectOfRelation = (name: QualifiedName, around: Surroundings): Effect => {
  const relation = around.schema.relation(name);
  return relation === null ? noEffect : effectOfOwn(relation, around);
};

const cluster = (relation: Parameters<typeof nameOfRelation>[0], around: Surroundings): PartialFacts => {
  const name = nameOfRelation(relation);
  const locks = lockSetOf(around.schema);
  locks.add(name, 'ACCESS EXCLUSIVE', 'rewrite');
  return { kind: 'CLUSTER', class: 'other', objects: [tableObject(name, around, 'altered')], locks: locks.locks };
};

/**
 * Indexes and upkeep. What cannot run in a transaction block is said on each command's page, e.g.
 * https://www.postgresql.org/docs/17/sql-reindex.html and https://www.postgresql.org/docs/17/sql-vacuum.html
 */
export const indexFacts: FactsTable = {
  IndexStmt: (body, around) => {
    const { concurrent, unique, idxname = '', relation, if_not_exists: ifNotExists } = body;
    const table = nameOfRelation(relation);
    const locks = lockSetOf(around.schema);
    const mode = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
    const isPartitioned = around.schema.relation(table)?.kind === 'partitioned table';
    // ON ONLY a partitioned table: there is nothing to build
    if (relation?.inh !== true) locks.add(table, mode, isPartitioned ? 'instant' : 'build');
    else locks.addWithChildren(table, mode, 'build');
    const facts: PartialFacts = {
      kind: `CREATE ${unique === true ? 'UNIQUE ' : ''}INDEX${concurrent === true ? ' CONCURRENTLY' : ''}`,
      class: 'ddl',
      objects: [
        { kind: 'index', schema: table.schema, name: idxname, role: 'created', isNew: true },
        tableObject(table, around, 'read'),
      ],
      locks: locks.locks,
      ...effectOfTree([body.indexParams, body.whereClause], around),
      // without a name PostgreSQL finds a new one each time
      rerunFails: ifNotExists !== true && idxname !== '',
    };
    return concurrent === true ? { ...facts, judge: { by: 'index-valid', table, index: idxname } } : facts;
  },
  ReindexStmt: ({ kind = 'REINDEX_OBJECT_INDEX', relation, name, params }, around) => {
    const concurrently = isOptionOn(params, 'concurrently');
    const whole = ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(kind);
    const target = nameOfRelation(relation);
    const facts: PartialFacts = {
      kind: `REINDEX ${scopes[kind]}${concurrently ? ' CONCURRENTLY' : ''}`,
      class: 'other',
      objects: whole
        ? [{ kind: scopes[kind].toLowerCase(), schema: null, name: name ?? '', role: 'altered', isNew: false }]
        : [{ ...tableObject(target, around, 'altered'), kind: scopes[kind].toLowerCase() }],
      locks: whole ? [] : reindexLocks(target, kind === 'REINDEX_OBJECT_INDEX', concurrently, around),
      ...effectOfRelation(target, around),
    };
    return concurrently || whole ? { ...facts, judge: { by: 'repeat' } } : facts;
  },
  VacuumStmt: ({ is_vacuumcmd: isVacuum, options, rels }, around) => {
    const full = isVacuum === true && isOptionOn(options, 'full');
    const locks = lockSetOf(around.schema);
    const tables = tablesOf(rels);
    for (const table of tables)
      locks.addWithChildren(table, full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE', full ? 'rewrite' : 'scan');
    const kind = isVacuum !== true ? 'ANALYZE' : full ? 'VACUUM FULL' : 'VACUUM';
    const facts: PartialFacts = {
      kind,
      class: 'other',
      objects: tables.map((table) => tableObject(table, around, full ? 'altered' : 'read')),
      locks: locks.locks,
    };
    return isVacuum === true ? { ...facts, judge: { by: 'repeat' } } : facts;
  },
  ClusterStmt: ({ relation }, around) =>
    relation === undefined ? { kind: 'CLUSTER', class: 'other', judge: { by: 'repeat' } } : cluster(relation, around),
  RefreshMatViewStmt: ({ concurrent, relation }, around) => {
    const name = nameOfRelation(relation);
    const locks = lockSetOf(around.schema);
    locks.add(
      name,
      concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      concurrent === true ? 'scan' : 'rewrite',
      'materialized view',
    );
    const known = around.schema.relation(name);
    for (const each of known?.reads ?? []) locks.addWithChildren(each, 'ACCESS SHARE', 'scan');
    return {
      kind: `REFRESH MATERIALIZED VIEW${concurrent === true ? ' CONCURRENTLY' : ''}`,
      class: 'dml',
      objects: [{ ...tableObject(name, around, 'written'), kind: 'materialized view' }],
      locks: locks.locks,
      ...effectOfRelation(name, around),
    };
  },
};
