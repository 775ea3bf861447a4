import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readLocks } from './watch-relations.ts';

/** Between two looks. The statement waits for us at its first lock, so that a look cannot come too late for that one. */
const lookEveryMs = 2;

/** A statement that does not run on after the holder has let go is left to itself. */
const holdAtMostMs = 10_000;

export interface Watching {
  /** Looks at `pg_locks`. */
  readonly watcher: pg.Client;
  /** Holds locks against the statement. */
  readonly holder: pg.Client;
  /** Process number of the session that runs the statement. */
  readonly backend: number;
  readonly kind: string;
}

const tablesSql = `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p') and c.relpersistence <> 't'`;

/**
 * Concurrent builds take their locks and then wait for whoever may write: ROW EXCLUSIVE lets them come to that point. VACUUM, ANALYZE and
 * all that is stronger conflict with SHARE UPDATE EXCLUSIVE, and are seen waiting for the lock that they ask for.
 * https://www.postgresql.org/docs/17/explicit-locking.html#LOCKING-TABLES
 */
const holdingMode = (kind: string): string =>
  kind.includes('CONCURRENTLY') ? 'row exclusive' : 'share update exclusive';

/**
 * Runs a statement that cannot run in a transaction and answers the locks that it took or waited for. A second session makes it stand
 * still where its locks can be read; locks that it takes for an instant in a later phase may be missed.
 */
export const watchAlone = async (
  { watcher, holder, backend, kind }: Watching,
  run: () => Promise<unknown>,
): Promise<ReadonlyMap<string, { readonly relation: string; readonly mode: string }>> => {
  const { rows } = await holder.query<{ name: string }>(tablesSql);
  const seen = new Map<string, { readonly relation: string; readonly mode: string }>();
  await holder.query('begin');
  let holding = true;
  const letGo = async (): Promise<void> => {
    if (holding) await holder.query('rollback');
    holding = false;
  };
  try {
    if (rows.length > 0)
      await holder.query(`lock table ${rows.map(({ name }) => name).join(', ')} in ${holdingMode(kind)} mode`);
    const statement = { ended: false };
    const running = run().finally(() => {
      statement.ended = true;
    });
    running.catch(() => undefined);
    for (const began = performance.now(); !statement.ended; await sleep(lookEveryMs)) {
      const waits = await isWaiting(watcher, backend);
      for (const [key, lock] of await readLocks(watcher, backend)) seen.set(key, lock);
      if (waits || performance.now() - began > holdAtMostMs) await letGo();
    }
    await running;
    return seen;
  } finally {
    await letGo();
  }
};

const isWaiting = async (watcher: pg.Client, backend: number): Promise<boolean> => {
  const { rows } = await watcher.query(
    `select from pg_catalog.pg_stat_activity a where a.pid = $1 and a.wait_event_type = 'Lock'`,
    [backend],
  );
  return rows.length > 0;
};
