import { type Session, sessionAsJson, sessionOf } from './activity.ts';
import type { LedgerCalls } from './ledger-calls.ts';
import { own } from './operators.ts';

/** Who may have held the lock that a statement waited for, and with which locks. */
export interface LockHolder {
  /** Null for a prepared transaction, which has no session. */
  readonly session: Session | null;
  /** `AccessShareLock on public.users`; `waits for …` where it stood in the queue before us. */
  readonly locks: readonly string[];
}

export interface LockHoldersRequest {
  /** The statements that waited, or that may have. */
  readonly statements: readonly string[];
  /** How long they waited: whoever began later cannot have been it. */
  readonly waitedMs: number;
}

const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|"(?:[^"]|"")*"/g;
const mostWords = 2000;

/** Everything in the statements that could be the name of a relation, also within their literals. */
const wordsOf = (statements: readonly string[]): readonly string[] => {
  const words = new Set<string>();
  for (const sql of statements)
    for (const [found] of sql.matchAll(word))
      words.add(found.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found.toLowerCase());
  return [...words].slice(0, mostWords);
};

/**
 * Transactions as old as the wait with a lock on something that the statements name; where there is none, those with a lock on any table, since
 * a cascade, a trigger or a foreign key reaches tables that no statement names. At most 20, the oldest first.
 *
 * The statement has been taken back when this is asked, and PostgreSQL keeps no memory of what it waited for: `pg_blocking_pids` answers for
 * those who still wait only (https://www.postgresql.org/docs/17/functions-info.html#FUNCTIONS-INFO-SESSION).
 */
export const lockHolders = async (
  calls: LedgerCalls,
  { statements, waitedMs }: LockHoldersRequest,
): Promise<readonly LockHolder[]> => {
  const rows = await calls.rows(
    `WITH named AS (SELECT c.oid FROM pg_catalog.pg_class c
        WHERE c.relname ${own.is} ANY (SELECT w FROM pg_catalog.jsonb_array_elements_text(CAST(:words AS jsonb)) w)),
      wanted AS (SELECT n.oid FROM named n
        UNION SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid ${own.is} ANY (SELECT n.oid FROM named n)),
      held AS (SELECT l.pid, l.virtualtransaction, l.mode, l.granted, s.nspname, c.relname, c.oid ${own.is} ANY (SELECT w.oid FROM wanted w) AS is_wanted
        FROM pg_catalog.pg_locks l, pg_catalog.pg_class c, pg_catalog.pg_namespace s
        WHERE l.locktype ${own.is} 'relation' AND l.relation ${own.is} c.oid AND c.relnamespace ${own.is} s.oid
          AND l.database ${own.is} (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname ${own.is} pg_catalog.current_database())
          AND (l.pid IS NULL OR l.pid ${own.isNot} pg_catalog.pg_backend_pid())
          AND c.oid ${own.above} CAST(16383 AS oid) AND pg_catalog.strpos('iIt', CAST(c.relkind AS text)) ${own.is} 0)
    SELECT CAST(CASE WHEN h.pid IS NOT NULL THEN ${sessionAsJson('a')} END AS text) AS session, h.is_wanted,
      CAST(pg_catalog.jsonb_agg(pg_catalog.format('%s%s on %I.%I', CASE WHEN NOT h.granted THEN 'waits for ' END, h.mode, h.nspname, h.relname) ORDER BY h.nspname, h.relname, h.mode) AS text) AS locks
    FROM held h LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid ${own.is} h.pid
    WHERE (h.pid IS NULL OR a.pid IS NOT NULL)
      AND (a.xact_start IS NULL OR a.xact_start ${own.below} (pg_catalog.clock_timestamp() ${own.minus} pg_catalog.make_interval(secs => CAST(CAST(:waited AS text) AS double precision))))
    GROUP BY h.is_wanted, h.virtualtransaction, h.pid, a.pid, a.application_name, a.state, a.query, a.xact_start
    ORDER BY h.is_wanted DESC, a.xact_start LIMIT 20`,
    { words: JSON.stringify(wordsOf(statements)), waited: String(waitedMs / 1000) },
  );
  const holders = rows.map(({ session, is_wanted, locks }) => ({
    isWanted: is_wanted === true,
    session: typeof session === 'string' ? sessionOf(JSON.parse(session)) : null,
    locks: JSON.parse(String(locks)) as string[],
  }));
  const wanted = holders.filter(({ isWanted }) => isWanted);
  return (wanted.length > 0 ? wanted : holders).map(({ session, locks }) => ({ session, locks }));
};
