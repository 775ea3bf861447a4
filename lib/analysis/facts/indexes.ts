import { nameOfRelation } from '../names.ts';
import type { Node } from '../parse.ts';
import type { FactsTable } from './facts.ts';

const hasOption = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((each) => 'DefElem' in each && each.DefElem.defname === name);

const scopes = {
  REINDEX_OBJECT_INDEX: 'INDEX',
  REINDEX_OBJECT_TABLE: 'TABLE',
  REINDEX_OBJECT_SCHEMA: 'SCHEMA',
  REINDEX_OBJECT_SYSTEM: 'SYSTEM',
  REINDEX_OBJECT_DATABASE: 'DATABASE',
} as const;

/**
 * Indexes and upkeep. What cannot run in a transaction block is said on each command's page, e.g.
 * https://www.postgresql.org/docs/17/sql-reindex.html and https://www.postgresql.org/docs/17/sql-vacuum.html
 */
export const indexFacts: FactsTable = {
  IndexStmt: ({ concurrent, unique, idxname = '', relation }) => {
    const kind = `CREATE ${unique === true ? 'UNIQUE ' : ''}INDEX`;
    if (concurrent !== true) return { kind, loss: 'none' };
    const judge = { by: 'index-valid', table: nameOfRelation(relation), index: idxname } as const;
    return { kind: `${kind} CONCURRENTLY`, loss: 'none', judge };
  },
  ReindexStmt: ({ kind = 'REINDEX_OBJECT_INDEX', params }) => {
    const concurrently = hasOption(params, 'concurrently');
    const alone =
      concurrently ||
      kind === 'REINDEX_OBJECT_SCHEMA' ||
      kind === 'REINDEX_OBJECT_SYSTEM' ||
      kind === 'REINDEX_OBJECT_DATABASE';
    const words = `REINDEX ${scopes[kind]}${concurrently ? ' CONCURRENTLY' : ''}`;
    return alone ? { kind: words, loss: 'none', judge: { by: 'repeat' } } : { kind: words, loss: 'none' };
  },
  VacuumStmt: ({ is_vacuumcmd: isVacuum, options }) => {
    if (isVacuum !== true) return { kind: 'ANALYZE', loss: 'none' };
    return { kind: hasOption(options, 'full') ? 'VACUUM FULL' : 'VACUUM', loss: 'none', judge: { by: 'repeat' } };
  },
  ClusterStmt: ({ relation }) =>
    relation === undefined
      ? { kind: 'CLUSTER', loss: 'none', judge: { by: 'repeat' } }
      : { kind: 'CLUSTER', loss: 'none' },
  RefreshMatViewStmt: ({ concurrent }) => ({
    kind: `REFRESH MATERIALIZED VIEW${concurrent === true ? ' CONCURRENTLY' : ''}`,
    loss: 'none',
  }),
};
