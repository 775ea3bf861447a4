import { type Session, sessionOf, sessionsAsJson } from './activity.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { own } from './operators.ts';

/** A statement of a run that is still active. */
export interface ActiveStatement {
  readonly pid: number;
  readonly ageSeconds: number;
  /** First words of the statement, `CREATE INDEX CONCURRENTLY`; `STATEMENT` when it is none that runs outside a transaction. */
  readonly kind: string;
  /** Who holds it up, where it waits for a lock. */
  readonly waitsFor: readonly Session[];
}

export interface BuildProgress {
  readonly pid: number;
  /** As in pg_stat_progress_create_index: `building index: scanning table`. */
  readonly phase: string;
  /** 0 to 100 of this phase; null where the phase has no measure, as when it waits for others. */
  readonly percent: number | null;
}

const kinds = 'CALL|CREATE (UNIQUE )?INDEX CONCURRENTLY|DROP INDEX CONCURRENTLY|REINDEX|VACUUM|ANALYZE|ALTER TABLE';

/** Active statements whose leading comment begins with `comment`; all of this ledger's for an empty one. Sessions of other roles may be hidden from ours. */
export const activeStatements = async (calls: LedgerCalls, comment: string): Promise<readonly ActiveStatement[]> => {
  const rows = await calls.rows(
    `SELECT CAST(a.pid AS bigint) AS pid, CAST(greatest(0, pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() ${own.minus} a.query_start))) AS bigint) AS age,
      coalesce(pg_catalog.upper(substring(a.query FROM '(?i)[*]/ *((?:${kinds.replaceAll('(', '(?:')}))')), 'STATEMENT') AS kind,
      CASE WHEN a.wait_event_type ${own.is} 'Lock' THEN
        (SELECT ${sessionsAsJson('b')} FROM pg_catalog.pg_stat_activity b WHERE b.pid ${own.is} ANY (pg_catalog.pg_blocking_pids(a.pid))) END AS waits
    FROM pg_catalog.pg_stat_activity a
    WHERE a.state ${own.is} 'active' AND a.backend_type ${own.is} 'client backend' AND a.datname ${own.is} current_database() AND a.pid ${own.isNot} pg_catalog.pg_backend_pid()
      AND pg_catalog.starts_with(a.query, CAST(:leading AS text)) ORDER BY a.query_start`,
    { leading: prefix(calls, comment) },
  );
  return rows.map(({ pid, age, kind, waits }) => ({
    pid: Number(pid),
    ageSeconds: Number(age),
    kind: String(kind),
    waitsFor: typeof waits === 'string' ? (JSON.parse(waits) as unknown[]).map(sessionOf) : [],
  }));
};

/** The comment without its end, so that a run's comment finds those of its versions, too. */
const prefix = (calls: LedgerCalls, comment: string): string => calls.leading(comment).replace(/ \*\/$/, '');

/** Cancels those of the sessions that still run a statement of this ledger; answers how many. */
export const cancelStatements = async (calls: LedgerCalls, pids: readonly number[]): Promise<number> => {
  if (pids.length === 0) return 0;
  const [row] = await calls.rows(
    `SELECT pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_cancel_backend(a.pid)) AS cancelled FROM pg_catalog.pg_stat_activity a
    WHERE a.state ${own.is} 'active' AND pg_catalog.starts_with(a.query, CAST(:leading AS text))
      AND a.pid ${own.is} ANY (SELECT CAST(p AS integer) FROM pg_catalog.jsonb_array_elements_text(CAST(:pids AS jsonb)) p)`,
    { leading: prefix(calls, ''), pids: JSON.stringify(pids) },
  );
  return Number(row?.['cancelled'] ?? 0);
};

/**
 * Transactions of this database older than that, the oldest first: a concurrent build waits for each that holds a snapshot, idle ones too
 * (https://www.postgresql.org/docs/17/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY).
 */
export const longTransactions = async (calls: LedgerCalls, olderThanSeconds: number): Promise<readonly Session[]> => {
  const [row] = await calls.rows(
    `SELECT ${sessionsAsJson('a')} AS sessions FROM (SELECT * FROM pg_catalog.pg_stat_activity a
    WHERE a.datname ${own.is} current_database() AND a.backend_type ${own.is} 'client backend' AND a.pid ${own.isNot} pg_catalog.pg_backend_pid()
      AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
      AND a.xact_start ${own.below} (pg_catalog.clock_timestamp() ${own.minus} pg_catalog.make_interval(secs => CAST(:seconds AS bigint)))
    ORDER BY a.xact_start LIMIT 50) a`,
    { seconds: olderThanSeconds },
  );
  return (JSON.parse(String(row?.['sessions'])) as unknown[]).map(sessionOf);
};

/** Index builds under way in this database. */
export const indexProgress = async (calls: LedgerCalls): Promise<readonly BuildProgress[]> => {
  const rows = await calls.rows(
    `SELECT CAST(p.pid AS bigint) AS pid, CAST(p.phase AS text) AS phase,
      CAST(pg_catalog.floor(100.0 ${own.times} CASE WHEN pg_catalog.starts_with(p.phase, 'waiting') THEN NULL WHEN p.tuples_total ${own.above} 0 THEN CAST(p.tuples_done AS numeric) ${own.by} p.tuples_total
        WHEN p.blocks_total ${own.above} 0 THEN CAST(p.blocks_done AS numeric) ${own.by} p.blocks_total END) AS bigint) AS percent
    FROM pg_catalog.pg_stat_progress_create_index p WHERE p.datname ${own.is} current_database()`,
  );
  return rows.map(({ pid, phase, percent }) => ({
    pid: Number(pid),
    phase: String(phase),
    percent: typeof percent === 'number' ? Math.min(100, percent) : null,
  }));
};
