import type { Judge, QualifiedName } from '../migration/manifest.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { own } from './operators.ts';

/** An index as the catalogue has it. `quotedName` is what SQL calls it, with its schema; null when absent. */
export interface IndexState {
  readonly state: 'valid' | 'invalid' | 'absent';
  readonly quotedName: string | null;
}

/**
 * What the catalogue says of a statement outside a transaction: `done`; `open`: no trace of it;
 * `invalid`: begun and broken off (an invalid index; a detach that waits for FINALIZE); `repeat`: it cannot tell, running it again is right.
 */
export type Judged = 'done' | 'open' | 'invalid' | 'repeat';

/** SQL for the OID of a table or index, by the session's own search path when no schema is named; null when absent. */
const oid = (parameter: string): string =>
  `pg_catalog.to_regclass(CASE WHEN CAST(:${parameter}Schema AS text) IS NULL THEN pg_catalog.quote_ident(CAST(:${parameter} AS text)) ELSE pg_catalog.format('%I.%I', CAST(:${parameter}Schema AS text), CAST(:${parameter} AS text)) END)`;

const named = (parameter: string, { schema, name }: QualifiedName): Record<string, string | null> => ({
  [`${parameter}Schema`]: schema,
  [parameter]: name,
});

/** How an index of a table stands: built over the extended protocol, only `indisvalid` tells. */
export const indexState = async (calls: LedgerCalls, table: QualifiedName, index: string): Promise<IndexState> => {
  const [row] = await calls.rows(
    `SELECT i.indisvalid AS valid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid ${own.is} i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid ${own.is} c.relnamespace
    WHERE i.indrelid ${own.is} ${oid('table')} AND c.relname ${own.is} CAST(:index AS text)`,
    { ...named('table', table), index },
  );
  return row
    ? { state: row['valid'] === true ? 'valid' : 'invalid', quotedName: String(row['name']) }
    : { state: 'absent', quotedName: null };
};

const indexAbsent = async (calls: LedgerCalls, index: QualifiedName): Promise<Judged> => {
  const [row] = await calls.rows(`SELECT ${oid('index')} IS NULL AS absent`, named('index', index));
  return row?.['absent'] === true ? 'done' : 'open';
};

const partitionDetached = async (
  calls: LedgerCalls,
  table: QualifiedName,
  partition: QualifiedName,
): Promise<Judged> => {
  const [row] = await calls.rows(
    `SELECT i.inhdetachpending AS pending FROM pg_catalog.pg_inherits i WHERE i.inhrelid ${own.is} ${oid('partition')} AND i.inhparent ${own.is} ${oid('table')}`,
    { ...named('table', table), ...named('partition', partition) },
  );
  return row === undefined ? 'done' : row['pending'] === true ? 'invalid' : 'open';
};

/** Asks the catalogue whether a statement outside a transaction is done. */
export const judged = async (calls: LedgerCalls, judge: Judge): Promise<Judged> => {
  switch (judge.by) {
    case 'index-valid':
      return ({ valid: 'done', invalid: 'invalid', absent: 'open' } as const)[
        (await indexState(calls, judge.table, judge.index)).state
      ];
    case 'index-absent':
      return indexAbsent(calls, judge.index);
    case 'partition-detached':
      return partitionDetached(calls, judge.table, judge.partition);
    case 'repeat':
      return 'repeat';
    default:
      return judge satisfies never;
  }
};
