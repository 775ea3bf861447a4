import type { LedgerCalls } from './ledger-calls.ts';
import { own } from './operators.ts';
import type { EntryState, LedgerEvent } from './standing.ts';

/** One row of the ledger, as `lockkeeper status` shows it. */
export interface LedgerEntry {
  readonly version: string;
  readonly name: string;
  readonly revision: number;
  readonly state: EntryState;
  readonly checksum: string;
  readonly run: string;
  readonly revertedRun: string | null;
  readonly actor: string;
  /** ISO 8601, UTC; null while it is on its way. */
  readonly appliedAt: string | null;
  readonly revertedAt: string | null;
  readonly rows: number;
  readonly totalMs: number;
  readonly statementsDone: number;
  readonly reversible: boolean;
  readonly snapshot: string | null;
  readonly instantBefore: string | null;
}

/** Newest events first, at most 1,000. What a rollback set out to revert is left out: it can be long. */
export const readHistory = async (calls: LedgerCalls, limit: number): Promise<readonly LedgerEvent[]> =>
  (await calls.lines(
    `SELECT CAST(pg_catalog.jsonb_build_object('id', e.id, 'at', ${calls.quoted}.iso(e.at), 'kind', e.kind, 'run', e.run, 'version', e.version, 'detail', e.detail ${own.minus} 'versions') AS text) AS line
    FROM ${calls.quoted}.event e ORDER BY e.id DESC LIMIT least(CAST(:count AS bigint), 1000)`,
    { count: limit },
  )) as readonly LedgerEvent[];

const page = 1000;

/** All entries in version order, in as many calls as there are thousands. */
export const readEntries = async (calls: LedgerCalls): Promise<readonly LedgerEntry[]> => {
  const entries: LedgerEntry[] = [];
  for (;;) {
    const lines = (await calls.lines(
      `SELECT CAST(pg_catalog.jsonb_build_object('version', m.version, 'name', m.name, 'revision', m.revision, 'state', m.state, 'checksum', m.checksum,
        'run', m.run, 'revertedRun', m.reverted_run, 'actor', m.actor, 'appliedAt', ${calls.quoted}.iso(m.applied_at), 'revertedAt', ${calls.quoted}.iso(m.reverted_at),
        'rows', (SELECT coalesce(pg_catalog.sum(n), 0) FROM pg_catalog.unnest(m.rows) n), 'totalMs', pg_catalog.round(CAST(m.total_ms AS numeric), 1), 'statementsDone', m.statements_done,
        'reversible', m.down IS NOT NULL, 'snapshot', m.snapshot, 'instantBefore', ${calls.quoted}.iso(m.instant_before)) AS text) AS line
      FROM ${calls.quoted}.migration m WHERE m.version ${own.above} CAST(:after AS text) ORDER BY m.version LIMIT ${page}`,
      { after: entries.at(-1)?.version ?? '' },
    )) as readonly LedgerEntry[];
    entries.push(...lines);
    if (lines.length < page) return entries;
  }
};
